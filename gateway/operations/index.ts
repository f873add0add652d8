export type { OperationRecord } from "./operation-record.ts";
export { createOperations, type OperationRequest, type Operations, type OperationsOptions } from "./operations.ts";
