import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { QueryPlan } from "@tributary/gateway/planner/index";
import { PlanFailure, type SupergraphWorker } from "@tributary/gateway/supergraph/supergraph-worker-client";

export type WorkerAnswer = { readonly plan: QueryPlan } | { readonly refused: string };

/** Apollo's planner behind the port through which the gateway asks its own worker. */
export type ApolloWorker = Pick<SupergraphWorker, "plan" | "stop">;

/** On this thread, for few operations: a thread would load the library once more. */
export function createLocalWorker(supergraphSdl: string): ApolloWorker {
  let planOf: ((document: string) => QueryPlan) | undefined;
  return {
    async plan({ document }) {
      planOf ??= (await import("./apollo-library.ts")).createApolloPlans(supergraphSdl);
      try {
        return planOf(document);
      } catch (error) {
        throw new PlanFailure("refused", error instanceof Error ? error.message : String(error));
      }
    },
    stop: async () => {},
  };
}

/** On a thread of its own, started at the first operation. One at a time: the caller queues. */
export function createThreadWorker(supergraphSdl: string): ApolloWorker {
  let thread: Worker | undefined;
  return {
    async plan({ document }, timeoutMs) {
      thread ??= new Worker(new URL("./plan-worker.ts", import.meta.url), { workerData: { supergraphSdl } });
      const answered = once(thread, "message", { signal: AbortSignal.timeout(timeoutMs) }) as Promise<[WorkerAnswer]>;
      thread.postMessage(document);
      const [answer] = await answered.catch((error: unknown) => {
        const isLate = error instanceof Error && error.name === "AbortError";
        throw new PlanFailure(isLate ? "timeout" : "lost", isLate ? `no plan within ${timeoutMs} ms` : String(error));
      });
      if ("plan" in answer) return answer.plan;
      throw new PlanFailure("refused", answer.refused);
    },
    async stop() {
      await thread?.terminate();
    },
  };
}
