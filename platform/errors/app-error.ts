/** Codes of top-level errors: what a user cannot mend by changing the input of a form. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "BAD_USER_INPUT"
  | "NOT_FOUND"
  | "QUERY_TOO_COSTLY"
  | "RATE_LIMITED"
  | "PERSISTED_QUERY_REQUIRED"
  | "UNAVAILABLE"
  | "TIMEOUT"
  | "OUTCOME_UNKNOWN"
  | "INTERNAL_SERVER_ERROR";

/** `extensions` go to the client next to `code`; `retryable` is known from the code unless given there. */
export type AppErrorOptions = { readonly cause?: unknown; readonly extensions?: Readonly<Record<string, unknown>> };

// OUTCOME_UNKNOWN is retryable with the same idempotency key only: without one the first try may count twice.
const retryableCodes: ReadonlySet<ErrorCode> = new Set(["RATE_LIMITED", "UNAVAILABLE", "TIMEOUT", "OUTCOME_UNKNOWN"]);

/** An error whose code and message are made for clients. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { cause, extensions }: AppErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.code = code;
    this.extensions = { code, retryable: retryableCodes.has(code), ...extensions };
  }
}
