import type { GraphQLFormattedError } from "graphql";
import type { SubgraphCall, SubgraphReply } from "../engine/executor.ts";
import { TransportError, type TransportFault, type TransportResponse } from "./transport.ts";

/** Why a subgraph's fields are missing, in `extensions.reason` of a DOWNSTREAM_SERVICE_ERROR. */
export type DownstreamReason =
  | "CONNECTION"
  | "TIMEOUT"
  | "TOO_LARGE"
  | "INVALID_REPLY"
  | "CIRCUIT_OPEN"
  | "OVERLOADED"
  | "UNKNOWN_SUBGRAPH";

const reasonOf: Record<TransportFault, DownstreamReason> = {
  connection: "CONNECTION",
  timeout: "TIMEOUT",
  overflow: "TOO_LARGE",
  protocol: "INVALID_REPLY",
};

/** A reply that says a subgraph could not be asked; `data` is null so that only what it would have filled is missing. */
export const downstreamFailure = (subgraph: string, reason: DownstreamReason): SubgraphReply => ({
  data: null,
  errors: [{ message: "A service did not answer.", extensions: { code: "DOWNSTREAM_SERVICE_ERROR", service: subgraph, reason } }],
});

export const transportFailure = (subgraph: string, error: unknown): SubgraphReply =>
  downstreamFailure(subgraph, error instanceof TransportError ? reasonOf[error.fault] : "CONNECTION");

/**
 * Reads a subgraph's answer. Whatever the status, a body of the GraphQL response shape counts; a 4xx or 5xx without one,
 * text that is not JSON, or JSON of another shape is an INVALID_REPLY.
 */
export function readReply(subgraph: string, { body }: TransportResponse, decode?: SubgraphCall["decode"]): SubgraphReply {
  const decoded = decode?.(body);
  if (decoded) return decoded;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return downstreamFailure(subgraph, "INVALID_REPLY");
  }
  return checkReply(subgraph, value);
}

/** The same for a reply that is parsed already. */
export function checkReply(subgraph: string, value: unknown): SubgraphReply {
  if (!isObject(value)) return downstreamFailure(subgraph, "INVALID_REPLY");
  const { data, errors, extensions } = value;
  const hasErrors = isErrorList(errors);
  if (!isObject(data) && !((data === null || data === undefined) && hasErrors)) {
    return downstreamFailure(subgraph, "INVALID_REPLY");
  }
  return {
    data: isObject(data) ? data : null,
    ...(hasErrors && { errors }),
    ...(isObject(extensions) && { extensions }),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isErrorList = (value: unknown): value is GraphQLFormattedError[] =>
  Array.isArray(value) && value.length > 0 && value.every((error) => isObject(error) && typeof error.message === "string");
