import type { CancelSignal } from "@tributary/platform/cancellation";
import type { FormattedExecutionResult } from "graphql";

/** How bytes reach one subgraph. */
export interface SubgraphTransport {
  /** The path of the subgraph's address, which signatures cover. */
  readonly path: string;
  /** One POST. @throws TransportError, or the signal's reason when it aborts. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** One subscription. Ends when the subgraph completes it or the signal aborts. @throws TransportError when the stream is lost. */
  subscribe(request: TransportSubscription): AsyncIterable<FormattedExecutionResult>;
  close(): Promise<void>;
}

export interface TransportRequest {
  /** Header lines, each ended by CRLF, made of values that hold none: `name: value\r\n`. Without host and content-length. */
  readonly head: string;
  readonly body: string;
  /** A query may travel behind others on one connection; a mutation, of which nobody could say whether it ran, may not. */
  readonly kind: "query" | "mutation" | "subscription";
  /** Sent before, over a connection that was lost: now it must not depend on what else travels on one. */
  readonly isRepeated?: boolean | undefined;
  readonly timeoutMs: number;
  readonly signal: CancelSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly body: string;
}

export interface TransportSubscription {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: SubscriptionPayload;
  readonly signal: AbortSignal;
}

export interface SubscriptionPayload {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** The headers of a head by name, for transports that do not send text. */
export function parseHead(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) headers[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return headers;
}

/**
 * `connection`: refused, reset or closed. `overflow`: the reply, or what waits to be read of a stream or to be sent, is too
 * large. `protocol`: the reply is cut short, or not one.
 */
export type TransportFault = "connection" | "timeout" | "overflow" | "protocol";

/** A subgraph could not be reached, or its answer could not be read whole. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  constructor(fault: TransportFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TransportError";
    this.fault = fault;
  }
}
