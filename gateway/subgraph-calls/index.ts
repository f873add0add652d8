import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Identity } from "@tributary/contracts/identity";
import type { ExecutionResult } from "graphql";
import type { SubgraphFetch, SubgraphReply } from "../engine/index.ts";

/** What a subgraph call takes from the client's request. The pipeline's RequestContext has this shape. */
export interface SubgraphCallContext {
  readonly requestId: string;
  readonly identity: Identity | null;
  readonly clientIp: string | null;
  /** Positions seen so far; replaced by the merged token after each reply. */
  consistency: ConsistencyToken;
  /** When the request must be answered, as Date.now() counts. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly traceparent?: string | undefined;
}

/** How bytes reach one subgraph. */
export interface SubgraphTransport {
  /** One POST. Rejects with TransportError; `sent: false` says that the subgraph cannot have seen the request. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** One subscription. Ends when the subgraph ends it or the signal aborts; throws when the stream is lost. */
  subscribe(request: TransportSubscription): AsyncIterable<ExecutionResult>;
  close(): Promise<void>;
}

export interface TransportRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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

export interface SubgraphCalls {
  /** The fetch function of one client request: signed for its identity, at its consistency, inside its deadline. */
  forRequest(context: SubgraphCallContext): SubgraphFetch;
  /** Opens a subscription on a subgraph for this caller. */
  subscribe(
    context: SubgraphCallContext,
    call: { readonly subgraph: string; readonly payload: SubscriptionPayload },
  ): AsyncIterable<SubgraphReply>;
}
