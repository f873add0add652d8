import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { AppError } from "./app-error.ts";

/** An error as a client may see it. */
export type MaskedError = {
  readonly message: string;
  readonly code: string;
  readonly extensions: Readonly<Record<string, unknown>>;
};

/**
 * What a client may know of an error. An AppError keeps its text, and so does an error graphql-js itself made about the
 * request; of anything else only an id remains, under which the whole error is in the log. Outside production the
 * error's class name is added, never its text.
 */
export function maskError(error: unknown, { logger, production }: { logger: Logger; production: boolean }): MaskedError {
  const cause = originOf(error);
  if (cause instanceof AppError) {
    if (cause.cause !== undefined) logger.warn({ err: cause }, "request failed");
    return { message: cause.message, code: cause.code, extensions: cause.extensions };
  }
  if (cause instanceof GraphQLError && error instanceof GraphQLError) {
    const given = error.extensions.code ?? cause.extensions.code;
    const code = typeof given === "string" ? given : "BAD_USER_INPUT";
    // Apollo's own code for what it does not know: by here it can only be a fault of the request.
    const known = code === "INTERNAL_SERVER_ERROR" ? "BAD_USER_INPUT" : code;
    return { message: error.message, code: known, extensions: { code: known, retryable: false } };
  }
  const errorId = randomUUID();
  logger.error({ err: cause, errorId }, "unexpected error");
  const code = "INTERNAL_SERVER_ERROR";
  const name = !production && cause instanceof Error ? { errorName: cause.name } : {};
  return { message: "Internal server error", code, extensions: { code, retryable: false, errorId, ...name } };
}

/** graphql-js wraps what a resolver throws, sometimes more than once. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}
