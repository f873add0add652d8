import type { QueryPlan } from "../engine/query-plan.ts";
import { unavailable } from "../errors.ts";
import { PlanFailure, type SupergraphWorker } from "../supergraph/supergraph-worker-client.ts";
import type { Planner, PlanRequest } from "./planner.ts";
import { PlanningError } from "./planning-error.ts";
import { selectsData } from "./selects-data.ts";

/**
 * Plans with Apollo's planner in the supergraph worker: one operation at a time, `maxWaiting` in the queue, each within
 * `timeoutMs` from when its turn comes. A caller that aborts leaves the queue.
 */
export function createApolloPlanner({
  worker,
  maxWaiting = 256, // a plan takes 3-50 ms: more would wait longer than clients do
  timeoutMs = 5_000,
}: {
  worker: SupergraphWorker;
  maxWaiting?: number;
  timeoutMs?: number;
}): Planner {
  const queue: { request: PlanRequest; start: () => Promise<void> }[] = [];
  let busy = false;

  async function drain(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next.start();
    busy = false;
  }

  return {
    plan: (request) =>
      new Promise<QueryPlan>((resolve, reject) => {
        const { generation, document, operationName, signal } = request;
        if (signal?.aborted) return reject(signal.reason);
        if (queue.length >= maxWaiting) return reject(unavailable("Too many operations are waiting to be planned."));
        const leave = (): void => {
          const index = queue.indexOf(entry);
          if (index >= 0) queue.splice(index, 1);
          reject(signal?.reason);
        };
        const entry = {
          request,
          async start() {
            signal?.removeEventListener("abort", leave);
            const call = { generationId: generation.id, supergraphSdl: generation.supergraphSdl, document, operationName };
            await worker.plan(call, timeoutMs).then(
              (plan) => (isWronglyEmpty(plan, document) ? reject(emptyPlan()) : resolve(plan)),
              (error: unknown) => reject(toPlanningError(error)),
            );
          },
        };
        signal?.addEventListener("abort", leave, { once: true });
        queue.push(entry);
        void drain();
      }),
  };
}

/** The planner fetches nothing for fields of an interface that no type implements: the answer would be silently wrong. */
const isWronglyEmpty = (plan: QueryPlan, document: string): boolean => plan.node === undefined && selectsData(document);

const emptyPlan = (): PlanningError =>
  new PlanningError("refused", "the plan is empty, but the operation selects fields of subgraphs");

const toPlanningError = (error: unknown): PlanningError =>
  new PlanningError(
    error instanceof PlanFailure ? error.reason : "lost",
    error instanceof Error ? error.message : String(error),
    error,
  );
