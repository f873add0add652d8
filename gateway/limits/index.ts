export { countOperation, type OperationCounts } from "./count-operation.ts";
export { type ComplexityReason, enforceLimits } from "./enforce-limits.ts";
export { enforceVariableLimits } from "./enforce-variable-limits.ts";
export {
  defaultOperationLimits,
  defaultVariableLimits,
  type OperationLimits,
  type VariableLimits,
} from "./operation-limits.ts";
export { parseDocument } from "./parse-document.ts";
export { selectOperation } from "./select-operation.ts";
