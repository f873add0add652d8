export type {
  AnswerPart,
  DeferredOperation,
  EventExecutionRequest,
  ExecutableOperation,
  ExecutableSchemas,
  ExecutionOutcome,
  ExecutionRequest,
  Executor,
  IncrementalExecutor,
  PlannedOperation,
  SubgraphCall,
  SubgraphFetch,
  SubgraphReply,
} from "./executor.ts";
export { createExecutor } from "./graph-executor.ts";
export { createNumbers } from "./number-objects.ts";
export type * from "./query-plan.ts";
export { splitDeferred } from "./split-deferred.ts";
