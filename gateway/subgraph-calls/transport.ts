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
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
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

/** `connection`: refused, reset or closed. `overflow`: the reply, or what waits to be read of a stream, is too large. */
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
