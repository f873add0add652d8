import { consistencyHeader, formatConsistency, mergeConsistency, parseConsistency } from "@tributary/contracts/consistency";
import { clientAddressHeader, deadlineHeader, encodeIdentity, requestIdHeader } from "@tributary/contracts/identity";
import { signRequest } from "@tributary/platform/request-signature";
import type { SubgraphCall, SubgraphFetch, SubgraphReply } from "../engine/executor.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.ts";
import { type ConcurrencyLimit, createConcurrencyLimit } from "./concurrency-limit.ts";
import { createInFlight } from "./in-flight.ts";
import { checkReply, downstreamFailure, readReply, transportFailure } from "./reply.ts";
import type { SubgraphCallContext } from "./subgraph-call-context.ts";
import { type SubgraphTransport, type SubscriptionPayload, TransportError, type TransportResponse } from "./transport.ts";

export interface SubgraphCallsOptions {
  /** The way to a subgraph; undefined for a name nobody knows. */
  readonly transportOf: (subgraph: string) => SubgraphTransport | undefined;
  readonly secret: string;
  readonly queryTimeoutMs?: number | undefined;
  readonly mutationTimeoutMs?: number | undefined;
  /** Requests to one subgraph at a time. */
  readonly maxConcurrent?: number | undefined;
  readonly maxWaiting?: number | undefined;
  /** One request for identical queries of callers who would be answered the same, while it is on its way. */
  readonly isSharing?: boolean | undefined;
  readonly createBreaker?: (() => CircuitBreaker) | undefined;
  readonly observe?: ((call: ObservedCall) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/** How one call to a subgraph ended, for metrics and logs. */
export interface ObservedCall {
  readonly subgraph: string;
  readonly kind: SubgraphCall["kind"];
  /** `ok`, or the reason of the DOWNSTREAM_SERVICE_ERROR in lower case. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly error?: unknown;
}

export interface SubgraphCalls {
  /** The fetch function of one client request: signed for its identity, at its consistency, inside its deadline. */
  forRequest(context: SubgraphCallContext): SubgraphFetch;
  /** Opens a subscription on a subgraph for this caller. @throws TransportError when the stream is lost. */
  subscribe(context: SubgraphCallContext, call: SubgraphSubscription): AsyncGenerator<SubgraphReply>;
}

export interface SubgraphSubscription {
  readonly subgraph: string;
  readonly payload: SubscriptionPayload;
}

type Guard = { readonly breaker: CircuitBreaker; readonly concurrency: ConcurrencyLimit };

/** Calls subgraphs for client requests. A fault of a subgraph is a reply with DOWNSTREAM_SERVICE_ERROR, never an exception. */
export function createSubgraphCalls(options: SubgraphCallsOptions): SubgraphCalls {
  const { transportOf, secret, observe, now = Date.now } = options;
  const { queryTimeoutMs = 2_000, mutationTimeoutMs = 10_000, maxConcurrent = 64, maxWaiting = 256 } = options;
  const { createBreaker = createCircuitBreaker, isSharing = true } = options;
  const guards = new Map<string, Guard>();
  const inFlight = createInFlight<SubgraphReply>((reply) => ({ ...reply, isShared: true }));
  const decoderIds = createIds();

  function guardOf(subgraph: string): Guard {
    const known = guards.get(subgraph);
    if (known) return known;
    const concurrency = createConcurrencyLimit({ maxRunning: maxConcurrent, maxWaiting });
    const guard = { breaker: createBreaker(), concurrency };
    guards.set(subgraph, guard);
    return guard;
  }

  function headersOf(
    context: SubgraphCallContext,
    signed: { method: string; path: string; body: string },
  ): Record<string, string> {
    const identity = encodeIdentity(context.identity);
    const consistency = formatConsistency(context.consistency);
    return {
      "content-type": "application/json",
      accept: "application/json",
      ...signRequest({ secret, ...signed, identity, nowMs: now() }),
      [requestIdHeader]: context.requestId,
      ...(consistency !== "" && { [consistencyHeader]: consistency }),
      ...(context.clientIp !== null && { [clientAddressHeader]: context.clientIp }),
      ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
    };
  }

  /** One attempt, and for a query whose connection failed a second one. A mutation may have run: it is never repeated. */
  async function send(
    transport: SubgraphTransport,
    context: SubgraphCallContext,
    call: SubgraphCall,
  ): Promise<TransportResponse> {
    const limitMs = call.kind === "mutation" ? mutationTimeoutMs : queryTimeoutMs;
    const endsAtMs = Math.min(now() + limitMs, context.deadlineMs);
    const { body } = call;
    const attempt = (): Promise<TransportResponse> => {
      const timeoutMs = Math.max(1, endsAtMs - now());
      const headers = headersOf(context, { method: "POST", path: transport.path, body }); // anew: a nonce is good for one request
      headers[deadlineHeader] = String(timeoutMs);
      return transport.send({ headers, body, timeoutMs, signal: context.signal });
    };
    try {
      return await attempt();
    } catch (error) {
      const mayRepeat = call.kind === "query" && error instanceof TransportError && error.fault === "connection";
      if (!mayRepeat || context.signal.aborted) throw error;
      return attempt();
    }
  }

  /** Joins an identical query that is on its way, for the same caller, at the same consistency, from the same address. */
  async function fetchShared(context: SubgraphCallContext, identity: string, call: SubgraphCall): Promise<SubgraphReply> {
    const { subgraph, body, decode } = call;
    const seen = [identity, formatConsistency(context.consistency), context.clientIp ?? "", decode ? decoderIds.of(decode) : ""];
    const reply = await inFlight.join(`${subgraph}\n${seen.join("\n")}\n${body}`, context.signal, (signal) =>
      fetchOnce({ ...context, signal, deadlineMs: now() + queryTimeoutMs }, call),
    );
    noteConsistency(context, reply);
    return reply;
  }

  async function fetchOnce(context: SubgraphCallContext, call: SubgraphCall): Promise<SubgraphReply> {
    const { subgraph, kind } = call;
    const startedMs = performance.now();
    const done = (reply: SubgraphReply, outcome: string, error?: unknown): SubgraphReply => {
      observe?.({ subgraph, kind, outcome, durationMs: performance.now() - startedMs, error });
      return reply;
    };
    const transport = transportOf(subgraph);
    if (!transport) return done(downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH"), "unknown_subgraph");
    const { breaker, concurrency } = guardOf(subgraph);
    if (!(await concurrency.acquire(context.signal))) {
      context.signal.throwIfAborted();
      return done(downstreamFailure(subgraph, "OVERLOADED"), "overloaded");
    }
    try {
      if (!breaker.allow()) return done(downstreamFailure(subgraph, "CIRCUIT_OPEN"), "circuit_open");
      const response = await send(transport, context, call);
      const reply = readReply(subgraph, response, call.decode);
      noteConsistency(context, reply);
      const isValid = reply.errors?.[0]?.extensions?.reason !== "INVALID_REPLY";
      if (isValid) breaker.succeeded();
      else breaker.failed();
      return done(reply, isValid ? "ok" : "invalid_reply");
    } catch (error) {
      if (context.signal.aborted) {
        breaker.abandoned(); // the client left: that says nothing of the subgraph
        throw context.signal.reason;
      }
      breaker.failed();
      return done(transportFailure(subgraph, error), error instanceof TransportError ? error.fault : "connection", error);
    } finally {
      concurrency.release();
    }
  }

  return {
    forRequest(context) {
      const identity = encodeIdentity(context.identity);
      return (call) => {
        // Not with a deadline nearer than the query's own: others would be bound by it.
        const isShared = isSharing && call.kind === "query" && context.deadlineMs - now() >= queryTimeoutMs;
        return isShared ? fetchShared(context, identity, call) : fetchOnce(context, call);
      };
    },
    async *subscribe(context, { subgraph, payload }) {
      const transport = transportOf(subgraph);
      if (!transport) {
        yield downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH");
        return;
      }
      const headers = headersOf(context, { method: "SUBSCRIBE", path: transport.path, body: subscriptionText(payload) });
      for await (const event of transport.subscribe({ headers, payload, signal: context.signal })) {
        const reply = checkReply(subgraph, event);
        noteConsistency(context, reply);
        yield reply;
      }
    },
  };
}

/** Numbers objects, to stand for them in a key. */
function createIds(): { of(object: object): number } {
  const ids = new WeakMap<object, number>();
  let last = 0;
  return {
    of(object) {
      const known = ids.get(object);
      if (known !== undefined) return known;
      last += 1;
      ids.set(object, last);
      return last;
    },
  };
}

/** What the signature of a subscription covers: subgraphs build the same text of the payload they get. */
const subscriptionText = ({ query, operationName, variables }: SubscriptionPayload): string =>
  JSON.stringify({ query, operationName, variables });

/** Later calls of the same request must see at least what this one saw. */
function noteConsistency(context: SubgraphCallContext, { extensions }: SubgraphReply): void {
  const token = extensions?.consistency;
  if (typeof token === "string") context.consistency = mergeConsistency(context.consistency, parseConsistency(token));
}
