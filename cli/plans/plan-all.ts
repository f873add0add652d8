import { type PlanFacts, readPlan } from "./plan-facts.ts";
import { createSupergraphPlanner } from "./planner.ts";

export interface PlanTask {
  readonly supergraphSdl: string;
  /** Texts of single operations with their fragments. */
  readonly operations: readonly string[];
}

/** The plan of an operation, or why there is none. */
export type PlanOutcome = { readonly facts: PlanFacts } | { readonly refused: string };

/** Plans each operation, in order. */
export function planAll({ supergraphSdl, operations }: PlanTask): PlanOutcome[] {
  const planner = createSupergraphPlanner(supergraphSdl);
  return operations.map((operation) => {
    try {
      return { facts: readPlan(planner.plan(operation)) };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  });
}
