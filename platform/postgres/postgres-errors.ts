import { AppError } from "@tributary/platform/errors";

// Of the driver `postgres` and of sockets: the connection broke, or there was none.
const lostCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "57P01", // admin_shutdown: also pg_terminate_backend
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or shutting down
  "57P05", // idle_session_timeout
  "25P03", // idle_in_transaction_session_timeout
  "53300", // too_many_connections
]);
// Of the driver `pg`, which gives these no code.
const lostMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Query read timeout)/;

/** The error and its causes, outermost first. */
function* chainOf(error: unknown): Generator<Error & { code?: unknown; constraint?: unknown; constraint_name?: unknown }> {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) yield current;
}

/** Postgres' five-letter code of an error or of its causes, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  for (const { code } of chainOf(error))
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && code !== "EPIPE") return code;
  return undefined;
}

/** True where the connection broke or could not be made: the statement may do on another one. */
export function isConnectionLoss(error: unknown): boolean {
  for (const { code, message } of chainOf(error)) {
    if (typeof code === "string" && (lostCodes.has(code) || code.startsWith("08"))) return true;
    if (lostMessages.test(message)) return true;
  }
  return false;
}

/** True where the backend told why it ends, before it did. */
export const isBackendDeath = (error: unknown): boolean => isConnectionLoss(error) && sqlStateOf(error) !== undefined;

/** True where a replica cancelled the statement because the primary removed rows it needed: the primary can answer it. */
export const isRecoveryConflict = (error: unknown): boolean =>
  sqlStateOf(error) === "40001" && [...chainOf(error)].some(({ message }) => message.includes("conflict with recovery"));

/** True where a row broke a unique constraint or index, of that name if one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  for (const { code, constraint: ofPg, constraint_name: ofPostgresJs } of chainOf(error)) {
    if (code === "23505") return constraint === undefined || constraint === (ofPg ?? ofPostgresJs);
  }
  return false;
}

/** What callers see of a failed statement or transaction that did not commit; errors of the work itself stay as they are. */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isConnectionLoss(error)) return unavailable(error);
  switch (sqlStateOf(error)) {
    case "57014": // query_canceled: statement_timeout
    case "55P03": // lock_not_available: lock_timeout
      return new AppError("TIMEOUT", "The database took too long.", { cause: error });
    case "40001": // serialization_failure
    case "40P01": // deadlock_detected
      return new AppError("UNAVAILABLE", "The change met another one; try again.", { cause: error });
    default:
      return error;
  }
}

export const unavailable = (cause: unknown): AppError =>
  new AppError("UNAVAILABLE", "The database cannot be reached.", { cause, extensions: { retryAfterMs: 1_000 } });

export const outcomeUnknown = (cause: unknown): AppError =>
  new AppError("OUTCOME_UNKNOWN", "It is not known whether this was saved; try again with the same idempotency key.", { cause });

const sqlClassOf = (error: unknown) => sqlStateOf(error)?.slice(0, 2);
// Constraint, transaction-rollback, raised, data and check-option errors: only COMMIT itself can have given them.
const refusedCommitClasses = new Set(["23", "40", "P0", "22", "44", "42", "25"]);

/** True where Postgres answered COMMIT with a refusal: the transaction is rolled back. Anything else leaves it unknown. */
export function isRefusedCommit(error: unknown): boolean {
  return !isConnectionLoss(error) && refusedCommitClasses.has(sqlClassOf(error) ?? "");
}
