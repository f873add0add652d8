import { randomUUID } from "node:crypto";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { withoutLiftedNames } from "../operations/index.ts";

/** Codes whose message is written for clients, wherever the error comes from. */
const publicCodes = new Set([
  "BAD_USER_INPUT",
  "DOWNSTREAM_SERVICE_ERROR",
  "FORBIDDEN",
  "NOT_FOUND",
  "OUTCOME_UNKNOWN",
  "QUERY_TOO_COSTLY",
  "RATE_LIMITED",
  "TIMEOUT",
  "UNAUTHENTICATED",
  "UNAVAILABLE",
]);

/** Extensions a client may see; of others nobody knows what is in them. */
const publicExtensions = ["code", "errorId", "limit", "reason", "requiredScopes", "retryAfterMs", "retryable"];

const maxMessageLength = 1_000;

/**
 * What of an error of the execution reaches the client. A message keeps its text only under a code of the list; of any
 * other an id remains, under which the whole error is in the log. Where a subgraph of ours has masked it, its id is kept.
 */
export function createErrorMasker({ logger, production }: { readonly logger: Logger; readonly production: boolean }) {
  const shown = production ? publicExtensions : [...publicExtensions, "service"]; // which subgraph failed
  return (error: GraphQLFormattedError, requestId: string): GraphQLFormattedError => {
    const { message, path, extensions = {} } = error;
    const { code } = extensions;
    const place = path ? { path } : {};
    if (typeof code === "string" && publicCodes.has(code)) {
      const kept = shown.filter((name) => extensions[name] !== undefined);
      return {
        message: withoutLiftedNames(message).slice(0, maxMessageLength),
        ...place,
        extensions: Object.fromEntries(kept.map((name) => [name, extensions[name]])),
      };
    }
    const errorId = maskedId(error) ?? randomUUID();
    logger.error({ errorId, requestId, error }, "an error was masked");
    return {
      message: "Internal server error",
      ...place,
      extensions: { code: "INTERNAL_SERVER_ERROR", errorId, retryable: false },
    };
  };
}

export type ErrorMasker = ReturnType<typeof createErrorMasker>;

function maskedId({ extensions }: GraphQLFormattedError): string | null {
  const id = extensions?.code === "INTERNAL_SERVER_ERROR" ? extensions.errorId : null;
  return typeof id === "string" && /^[0-9a-f-]{36}$/.test(id) ? id : null;
}
