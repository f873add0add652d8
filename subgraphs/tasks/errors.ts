import { inputFault, type UserFault } from "@tributary/platform/errors";

// The codes this service answers with besides: INVALID, CONFLICT, LIMIT_EXCEEDED and VERSION_CONFLICT are thrown where the
// rule is; IDEMPOTENCY_MISMATCH and IN_PROGRESS come from platform/idempotency.
type Path = readonly string[];

/** Also for what exists and may not be seen: the two answer the same. */
export const taskNotFound = (path: Path): UserFault => inputFault("NOT_FOUND", "There is no such task.", path);
export const projectNotFound = (path: Path): UserFault => inputFault("NOT_FOUND", "There is no such project.", path);
export const workspaceNotFound = (path: Path): UserFault => inputFault("NOT_FOUND", "There is no such workspace.", path);
export const labelNotFound = (path: Path): UserFault => inputFault("NOT_FOUND", "There is no such label.", path);

/** What may be seen but not done. `action` completes "Your role does not allow ...". */
export const roleForbids = (action: string, path: Path): UserFault =>
  inputFault("FORBIDDEN", `Your role does not allow ${action}.`, path);

export const dependencyCycle = (path: Path): UserFault =>
  inputFault("DEPENDENCY_CYCLE", "The tasks would wait for each other.", path);
