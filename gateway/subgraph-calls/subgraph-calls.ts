import { mergeConsistency, parseConsistency } from "@tributary/contracts/consistency";
import { type CancelSignal, toAbortSignal } from "@tributary/platform/cancellation";
import { createRequestSigner } from "@tributary/platform/request-signature";
import type { SubgraphCall, SubgraphFetch, SubgraphReply } from "../engine/executor.ts";
import { createNumbers } from "../engine/number-objects.ts";
import { callerKey } from "./caller-key.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.ts";
import { type ConcurrencyLimit, createConcurrencyLimit } from "./concurrency-limit.ts";
import { createInFlight } from "./in-flight.ts";
import { checkReply, downstreamFailure, readReply, transportFailure } from "./reply.ts";
import { createHeadWriter } from "./request-head.ts";
import { sendAgain } from "./send-again.ts";
import type { SubgraphCallContext } from "./subgraph-call-context.ts";
import {
  parseHead,
  type SubgraphTransport,
  type SubscriptionPayload,
  TransportError,
  type TransportResponse,
} from "./transport.ts";

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
  const numberOf = createNumbers();
  const sign = createRequestSigner(secret);

  function guardOf(subgraph: string): Guard {
    const known = guards.get(subgraph);
    if (known) return known;
    const concurrency = createConcurrencyLimit({ maxRunning: maxConcurrent, maxWaiting });
    const guard = { breaker: createBreaker(), concurrency };
    guards.set(subgraph, guard);
    return guard;
  }

  function send(transport: SubgraphTransport, caller: Caller, call: SubgraphCall): Promise<TransportResponse> {
    const { kind, body } = call;
    const { signal, deadlineMs } = caller;
    const endsAtMs = Math.min(now() + (kind === "mutation" ? mutationTimeoutMs : queryTimeoutMs), deadlineMs);
    return sendAgain({ kind, signal }, (isRepeated) => {
      const nowMs = now();
      const timeoutMs = Math.max(1, endsAtMs - nowMs);
      const head = caller.writeHead({ method: "POST", path: transport.path, body }, nowMs, timeoutMs); // anew: a nonce is good for one request
      return transport.send({ head, body, kind, isRepeated, timeoutMs, signal });
    });
  }

  /** Joins an identical query that is on its way, for the same caller, at the same consistency, from the same address. */
  async function fetchShared(caller: Caller, call: SubgraphCall): Promise<SubgraphReply> {
    const { context } = caller;
    const { subgraph, body, decode } = call;
    const key = `${subgraph}\n${callerKey(context)}\n${decode ? numberOf(decode) : ""}\n${body}`;
    const reply = await inFlight.join(key, caller.signal, (signal) =>
      fetchOnce({ ...caller, signal, deadlineMs: now() + queryTimeoutMs }, call),
    );
    noteConsistency(context, reply);
    return reply;
  }

  async function fetchOnce(caller: Caller, call: SubgraphCall): Promise<SubgraphReply> {
    const { subgraph, kind } = call;
    const { context, signal } = caller;
    const startedMs = performance.now();
    const done = (reply: SubgraphReply, outcome: string, error?: unknown): SubgraphReply => {
      observe?.({ subgraph, kind, outcome, durationMs: performance.now() - startedMs, error });
      return reply;
    };
    const transport = transportOf(subgraph);
    if (!transport) return done(downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH"), "unknown_subgraph");
    const { breaker, concurrency } = guardOf(subgraph);
    const turn = concurrency.acquire(signal);
    if (turn !== true && !(await turn)) {
      signal.throwIfAborted();
      return done(downstreamFailure(subgraph, "OVERLOADED"), "overloaded");
    }
    try {
      if (!breaker.allow()) return done(downstreamFailure(subgraph, "CIRCUIT_OPEN"), "circuit_open");
      const response = await send(transport, caller, call);
      const reply = readReply(subgraph, response, call.decode);
      noteConsistency(context, reply);
      const isValid = reply.errors?.[0]?.extensions?.reason !== "INVALID_REPLY";
      if (isValid) breaker.succeeded();
      else breaker.failed();
      return done(reply, isValid ? "ok" : "invalid_reply");
    } catch (error) {
      if (signal.aborted) {
        breaker.abandoned(); // the client left: that says nothing of the subgraph
        throw signal.reason;
      }
      breaker.failed();
      return done(transportFailure(subgraph, error), error instanceof TransportError ? error.fault : "connection", error);
    } finally {
      concurrency.release();
    }
  }

  return {
    forRequest(context) {
      const { deadlineMs, signal } = context;
      const caller: Caller = { context, writeHead: createHeadWriter(context, sign), deadlineMs, signal };
      return (call) => {
        // Not with a deadline nearer than the query's own: others would be bound by it.
        const isShared = isSharing && call.kind === "query" && deadlineMs - now() >= queryTimeoutMs;
        return isShared ? fetchShared(caller, call) : fetchOnce(caller, call);
      };
    },
    async *subscribe(context, { subgraph, payload }) {
      const transport = transportOf(subgraph);
      if (!transport) {
        yield downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH");
        return;
      }
      const signed = { method: "SUBSCRIBE", path: transport.path, body: subscriptionText(payload) };
      const headers = parseHead(createHeadWriter(context, sign)(signed, now(), null));
      const signal = toAbortSignal(context.signal);
      for await (const event of transport.subscribe({ headers, payload, signal })) {
        const reply = checkReply(subgraph, event);
        noteConsistency(context, reply);
        yield reply;
      }
    },
  };
}

/** On whose behalf calls are made, and until when. */
type Caller = {
  readonly context: SubgraphCallContext;
  readonly writeHead: ReturnType<typeof createHeadWriter>;
  readonly deadlineMs: number;
  readonly signal: CancelSignal;
};

/** What the signature of a subscription covers: subgraphs build the same text of the payload they get. */
const subscriptionText = ({ query, operationName, variables }: SubscriptionPayload): string =>
  JSON.stringify({ query, operationName, variables });

/** Later calls of the same request must see at least what this one saw. */
function noteConsistency(context: SubgraphCallContext, { extensions }: SubgraphReply): void {
  const token = extensions?.consistency;
  if (typeof token === "string") context.consistency = mergeConsistency(context.consistency, parseConsistency(token));
}
