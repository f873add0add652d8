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
export { choosePlanner, nativeModuleFor, type PlannerChoice } from "./choose-planner.ts";
export { createNativePlanner, loadNativeModule, type PartialPlanner } from "./native-planner.ts";
export { createPlanCodec } from "./plan-codec.ts";
export type { Planner, PlanRequest } from "./planner.ts";
export { readPlannerVersion } from "./planner-version.ts";
export { PlanningError } from "./planning-error.ts";
export { createPreferredPlanner } from "./preferred-planner.ts";
export { createRedisPlanStore } from "./redis-plan-store.ts";
export { createStoredPlanner } from "./stored-planner.ts";
