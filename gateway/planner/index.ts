import type { QueryPlan } from "../engine/query-plan.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";

export type {
  ConditionNode,
  DataRewrite,
  DeferNode,
  FetchNode,
  FlattenNode,
  KeyRenamer,
  OperationKind,
  ParallelNode,
  PlanField,
  PlanInlineFragment,
  PlanNode,
  PlanSelection,
  QueryPlan,
  SequenceNode,
  SubscriptionNode,
  ValueSetter,
} from "../engine/query-plan.ts";
export { createApolloPlanner } from "./apollo-planner.ts";
export { createNativePlanner, loadNativeModule, type PartialPlanner } from "./native-planner.ts";
export { PlanningError } from "./planning-error.ts";
export { createPreferredPlanner } from "./preferred-planner.ts";

/** One operation to plan: a valid document, and the name of the operation in it where there are several. */
export type PlanRequest = {
  readonly generation: SupergraphGeneration;
  readonly document: string;
  readonly operationName: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Plans operations off the event loop. @throws PlanningError */
export interface Planner {
  plan(request: PlanRequest): Promise<QueryPlan>;
}
