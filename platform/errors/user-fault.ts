/** Codes of `UserError` in the schema's `ErrorCode` enum. */
export type UserErrorCode =
  | "INVALID"
  | "NOT_FOUND"
  | "FORBIDDEN"
  | "CONFLICT"
  | "VERSION_CONFLICT"
  | "LIMIT_EXCEEDED"
  | "EXPIRED"
  | "IDEMPOTENCY_MISMATCH"
  | "IN_PROGRESS"
  | "BAD_CREDENTIALS"
  | "LAST_OWNER"
  | "DEPENDENCY_CYCLE"
  | "CHANNEL_LOCKED";

/** An element of a payload's `errors`: a member of the schema's interface `UserError`. */
export type UserErrorShape = {
  readonly __typename: "InputError" | "VersionConflict" | "LimitError";
  readonly code: UserErrorCode;
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly currentVersion?: number;
  readonly limit?: number;
  readonly retryAt?: Date | null;
};

/** What the user can mend; `asPayload` puts it into the payload's `errors`. `entity` is the current one, for a rebase. */
export class UserFault extends Error {
  readonly shape: UserErrorShape;
  readonly entity: unknown;

  constructor(shape: UserErrorShape, entity?: unknown) {
    super(shape.message);
    this.name = "UserFault";
    this.shape = shape;
    this.entity = entity;
  }

  get code(): UserErrorCode {
    return this.shape.code;
  }

  toUserError(): UserErrorShape {
    return this.shape;
  }
}

/** A fault of the input at `path`, such as `["input", "title"]`. */
export const inputFault = (code: UserErrorCode, message: string, path: readonly string[] | null = null): UserFault =>
  new UserFault({ __typename: "InputError", code, message, path });

/** The entity has moved on from the version the caller saw; `entity` becomes the payload's entity. */
export const versionConflict = (currentVersion: number, entity?: unknown): UserFault =>
  new UserFault(
    {
      __typename: "VersionConflict",
      code: "VERSION_CONFLICT",
      message: "This was changed in the meantime.",
      path: null,
      currentVersion,
    },
    entity,
  );

/** More than `limit` of something; `retryAt` where waiting helps. */
export const limitFault = (
  limit: number,
  message: string,
  { path = null, retryAt = null }: { path?: readonly string[] | null; retryAt?: Date | null } = {},
): UserFault => new UserFault({ __typename: "LimitError", code: "LIMIT_EXCEEDED", message, path, limit, retryAt });
