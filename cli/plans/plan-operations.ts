import { Worker } from "node:worker_threads";
import { print } from "graphql";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { type DiskCache, hashOf } from "../source/cache.ts";
import { installedVersion } from "../tool-version.ts";
import type { PlanOutcome, PlanTask } from "./plan-all.ts";

/** Plans by operation hash. */
export type Plans = ReadonlyMap<string, PlanOutcome>;

/** Below this a thread costs more than it saves: loading the planner takes half a second of CPU. */
const threadFrom = 20;
const timeoutMs = 120_000; // thousands of operations; a planner that hangs must not hang the check

/**
 * Plans operations that are valid under a supergraph; outcomes are kept by supergraph, operation and planner version.
 * @throws when the planner cannot be built or takes too long
 */
export async function planOperations(
  supergraph: { readonly hash: string; readonly supergraphSdl: string },
  operations: readonly StoredOperation[],
  cache: DiskCache,
): Promise<Plans> {
  const key = hashOf([plannerVersion(), supergraph.hash]);
  const kept = cache.get<Record<string, PlanOutcome>>("plans", key) ?? {};
  const missing = operations.filter(({ hash }) => !Object.hasOwn(kept, hash));
  if (missing.length > 0) {
    const task: PlanTask = {
      supergraphSdl: supergraph.supergraphSdl,
      operations: missing.map(({ document }) => print(document)),
    };
    const outcomes = missing.length < threadFrom ? (await import("./plan-all.ts")).planAll(task) : await planInThread(task);
    missing.forEach(({ hash }, index) => {
      kept[hash] = outcomes[index]!;
    });
    cache.set("plans", key, kept);
  }
  return new Map(operations.map(({ hash }) => [hash, kept[hash]!]));
}

function planInThread(task: PlanTask): Promise<PlanOutcome[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./plan-worker.ts", import.meta.url), { workerData: task });
    const timer = setTimeout(() => {
      reject(new Error(`planning ${task.operations.length} operations took longer than ${timeoutMs} ms`));
      void worker.terminate();
    }, timeoutMs);
    worker.once("message", (outcomes: PlanOutcome[]) => {
      clearTimeout(timer);
      resolve(outcomes);
    });
    worker.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Read without loading the planner: a cached run never does. */
const plannerVersion = (): string => installedVersion("@apollo/query-planner");
