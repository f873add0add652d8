export { AppError, type AppErrorOptions, type ErrorCode } from "./app-error.ts";
export { asPayload } from "./as-payload.ts";
export { type MaskedError, maskError } from "./mask-error.ts";
export {
  inputFault,
  limitFault,
  type UserErrorCode,
  type UserErrorShape,
  UserFault,
  versionConflict,
} from "./user-fault.ts";
