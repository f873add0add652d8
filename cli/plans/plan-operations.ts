import { nativeModuleFor, type PlannerChoice } from "@tributary/gateway/planner/choose-planner";
import { readPlannerVersion } from "@tributary/gateway/planner/planner-version";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { type DiskCache, hashOf } from "../source/cache.ts";
import { type PlanFacts, readPlan } from "./plan-facts.ts";

/** The plan of an operation, or why there is none, and which planner said so. */
export type PlanOutcome = ({ readonly facts: PlanFacts } | { readonly refused: string }) & { readonly planner: string };

/** Plans by operation hash. */
export type Plans = ReadonlyMap<string, PlanOutcome>;

/** Bump when what is kept of a plan changes. */
const cacheVersion = 2;

/**
 * Plans operations that are valid under a supergraph; outcomes are kept by supergraph, operation, and names and versions of
 * the planners. @throws CouldNotRun when no planner answers in time
 */
export async function planOperations(
  supergraph: { readonly hash: string; readonly supergraphSdl: string; readonly apiSdl: string },
  operations: readonly StoredOperation[],
  choice: PlannerChoice,
  cache: DiskCache,
): Promise<Plans> {
  const plannerVersion = readPlannerVersion({ withNative: nativeModuleFor(choice) !== undefined });
  const key = hashOf([cacheVersion, plannerVersion, supergraph.hash]);
  const kept = cache.get<Record<string, PlanOutcome>>("plans", key) ?? {};
  const missing = operations.filter(({ hash }) => !Object.hasOwn(kept, hash));
  if (missing.length > 0) {
    const { createGatewayPlanner } = await import("./gateway-planner.ts");
    const planner = createGatewayPlanner(supergraph, choice, missing.length);
    try {
      for (const { hash, document } of missing) {
        const outcome = await planner.plan(document);
        kept[hash] = "plan" in outcome ? { facts: readPlan(outcome.plan), planner: outcome.planner } : outcome;
      }
    } finally {
      await planner.stop();
    }
    cache.set("plans", key, kept);
  }
  return new Map(operations.map(({ hash }) => [hash, kept[hash]!]));
}
