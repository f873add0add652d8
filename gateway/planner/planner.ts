import type { CancelSignal } from "@tributary/platform/cancellation";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { SupergraphGeneration } from "../supergraph/supergraph-generation.ts";

/** One operation to plan: a valid document, and the name of the operation in it where there are several. */
export type PlanRequest = {
  readonly generation: SupergraphGeneration;
  readonly document: string;
  readonly operationName: string | undefined;
  readonly signal?: CancelSignal | undefined;
};

/** Plans operations off the event loop. @throws PlanningError */
export interface Planner {
  plan(request: PlanRequest): Promise<QueryPlan>;
}
