export { withoutLiftedNames } from "./lift-literals.ts";
export { type OperationRecord, withLifted } from "./operation-record.ts";
export type { OperationShape } from "./operation-shape.ts";
export { createOperations, type OperationRequest, type Operations, type OperationsOptions } from "./operations.ts";
export { createPrepareGeneration } from "./prepare-generation.ts";
