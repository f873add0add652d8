import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { maskError } from "../errors/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** Codes of errors about the request itself, made by graphql-js and Apollo Server: their texts speak of the caller's own document. */
const requestCodes = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
]);

// graphql-js gives these no code: an argument whose variable turned out null or not to fit. All its other located errors
// (a resolver's null in a non-null field, a leaf that does not serialise) are our own faults and may quote data.
const isArgumentError = (error: GraphQLError): boolean => error.message.startsWith('Argument "');

/** The error and what it wraps, outermost first. */
function chainOf(error: unknown): unknown[] {
  const wrapped = error instanceof GraphQLError ? error.originalError : undefined;
  return wrapped ? [error, ...chainOf(wrapped)] : [error];
}

const codeOf = (error: unknown): unknown => (error instanceof GraphQLError ? error.extensions.code : undefined);

export type ErrorFormatter = (error: unknown) => GraphQLFormattedError;

/** One mapping from any error to what may leave the process, for HTTP and WebSocket alike (D20). */
export function createErrorFormatter({ logger, production }: { logger: Logger; production: boolean }): ErrorFormatter {
  return (error) => {
    const path = error instanceof GraphQLError ? error.path : undefined;
    const chain = chainOf(error);
    const root = chain.at(-1);
    if (root instanceof GraphQLError) {
      const known = chain.map(codeOf).find((code) => typeof code === "string" && requestCodes.has(code));
      const code = path && isArgumentError(root) ? "BAD_USER_INPUT" : known;
      if (code !== undefined) {
        return {
          message: root.message,
          ...(root.locations && { locations: root.locations }),
          ...(path && { path }),
          extensions: { code },
        };
      }
    }
    // Wrapped: the text of a GraphQLError that is left over here may quote data, and maskError would trust it.
    const hidden = root instanceof GraphQLError ? new Error("unexpected GraphQL error", { cause: root }) : root;
    const { message, code, extensions } = maskError(hidden, { logger, production });
    return { message, ...(path && { path }), extensions: { ...extensions, code } };
  };
}
