import { randomUUID } from "node:crypto";
import { type ConsistencyToken, consistencyHeader, parseConsistency } from "@tributary/contracts/consistency";
import { clientAddressHeader, deadlineHeader, type Identity, requestIdHeader } from "@tributary/contracts/identity";

/** What the server knows of a request once its signature is checked; `createContext` makes the resolvers' context of it. */
export interface SubgraphRequestContext {
  readonly requestId: string;
  /** Null for an anonymous caller. */
  readonly identity: Identity | null;
  /** Reads must be at least this fresh. */
  readonly consistency: ConsistencyToken;
  /** What is left of the client's time, counted from the arrival of the request. */
  readonly deadlineMs?: number;
  readonly clientIp: string | null;
  /** Aborted when the caller is gone or the deadline has passed. */
  readonly signal: AbortSignal;
}

export type RequestHeaders = Readonly<Record<string, string | undefined>>;

const requestIdShape = /^[\w.:-]{1,128}$/;
const deadlineShape = /^\d{1,6}$/;

/** The part of the context that travels in headers; `headers` have lower-case names. Malformed hints are left out. */
export function readRequestContext(
  headers: RequestHeaders,
  identity: Identity | null,
  signal: AbortSignal,
): SubgraphRequestContext {
  const requestId = headers[requestIdHeader] ?? "";
  const deadline = headers[deadlineHeader] ?? "";
  return {
    requestId: requestIdShape.test(requestId) ? requestId : randomUUID(),
    identity,
    consistency: parseConsistency(headers[consistencyHeader]),
    ...(deadlineShape.test(deadline) && { deadlineMs: Number(deadline) }),
    clientIp: headers[clientAddressHeader] ?? null,
    signal,
  };
}
