export type {
  EventExecutionRequest,
  ExecutableOperation,
  ExecutableSchemas,
  ExecutionOutcome,
  ExecutionRequest,
  Executor,
  PlannedOperation,
  SubgraphCall,
  SubgraphFetch,
  SubgraphReply,
} from "./executor.ts";
export { createExecutor } from "./graph-executor.ts";
export type * from "./query-plan.ts";
