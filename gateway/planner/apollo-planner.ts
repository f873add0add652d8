import type { QueryPlan } from "../engine/query-plan.ts";
import { PlanFailure, type SupergraphWorker } from "../supergraph/supergraph-worker-client.ts";
import type { Planner } from "./planner.ts";
import { createPlannerTurns } from "./planner-turns.ts";
import { PlanningError } from "./planning-error.ts";
import { selectsData } from "./selects-data.ts";

/**
 * Plans with Apollo's planner in the supergraph worker: one operation at a time, each within `timeoutMs` from when its
 * turn comes, for which it waits `maxWaitMs` at most. A caller that aborts leaves the queue.
 */
export function createApolloPlanner({
  worker,
  maxWaiting,
  maxWaitMs = 10_000, // a worker that is replaced meanwhile has to load first
  timeoutMs = 5_000,
}: {
  worker: Pick<SupergraphWorker, "plan">;
  maxWaiting?: number;
  maxWaitMs?: number;
  timeoutMs?: number;
}): Planner {
  const turns = createPlannerTurns({ maxRunning: 1, maxWaiting, maxWaitMs });
  return {
    async plan({ generation, document, operationName, signal }) {
      const leave = await turns.enter(signal);
      const call = { generationId: generation.id, supergraphSdl: generation.supergraphSdl, document, operationName };
      try {
        const plan = await worker.plan(call, timeoutMs);
        if (isWronglyEmpty(plan, document)) throw emptyPlan();
        return plan;
      } catch (error) {
        throw error instanceof PlanningError ? error : toPlanningError(error);
      } finally {
        leave();
      }
    },
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
