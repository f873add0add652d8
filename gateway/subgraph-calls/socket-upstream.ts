import type { FormattedExecutionResult } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createBoundedQueue } from "./bounded-queue.ts";
import { TransportError, type TransportSubscription } from "./transport.ts";

export interface SocketUpstream {
  subscribe(subscription: TransportSubscription): AsyncIterable<FormattedExecutionResult>;
  close(): Promise<void>;
}

export interface SocketUpstreamOptions {
  readonly url: string;
  /** Events of one subscription that may wait to be read. */
  readonly maxWaitingEvents?: number | undefined;
  readonly maxMessageBytes?: number | undefined;
  readonly pingIntervalMs?: number | undefined;
}

const ackTimeoutMs = 5_000;
const pongTimeoutMs = 5_000;
const idleMs = 1_000; // the socket stays this long after its last subscription; its timer also holds up the process's end

/**
 * All subscriptions to one subgraph over one `graphql-transport-ws` connection, opened by the first of them. When it is
 * lost, each of them throws; whoever subscribes next opens another, with a fresh signature and its latest cursor, which
 * a reconnect inside this layer could not give.
 */
export function createSocketUpstream(options: SocketUpstreamOptions): SocketUpstream {
  const { url, maxWaitingEvents = 1_024, maxMessageBytes = 8 * 1024 * 1024, pingIntervalMs = 10_000 } = options;
  let pongTimer: NodeJS.Timeout | undefined;
  const client: Client = createClient({
    url,
    lazyCloseTimeout: idleMs,
    retryAttempts: 0,
    connectionAckWaitTimeout: ackTimeoutMs,
    keepAlive: pingIntervalMs,
    webSocketImpl: boundedWebSocket(maxMessageBytes),
    on: {
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), pongTimeoutMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      closed: () => clearTimeout(pongTimer),
    },
  });

  async function* subscribe({ headers, payload, signal }: TransportSubscription): AsyncGenerator<FormattedExecutionResult> {
    if (signal.aborted) return;
    const queue = createBoundedQueue<FormattedExecutionResult>(maxWaitingEvents, () => {
      return new TransportError("overflow", `more than ${maxWaitingEvents} events wait to be read`);
    });
    const { query, operationName, variables } = payload;
    const unsubscribe = client.subscribe(
      {
        query,
        ...(operationName !== undefined && { operationName }),
        ...(variables && { variables }),
        extensions: { headers },
      },
      {
        next: (result) => queue.push(result as FormattedExecutionResult),
        error: (cause) => queue.fail(toError(cause)),
        complete: () => queue.end(),
      },
    );
    const aborted = (): void => queue.end();
    signal.addEventListener("abort", aborted, { once: true });
    try {
      yield* queue.items();
    } finally {
      signal.removeEventListener("abort", aborted);
      unsubscribe();
    }
  }

  return { subscribe, close: async () => client.dispose() };
}

/** graphql-ws makes its sockets with `new webSocketImpl(url, protocol)`: the place to bound what a subgraph may send. */
const boundedWebSocket = (maxPayload: number) =>
  class BoundedWebSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, { maxPayload, handshakeTimeout: ackTimeoutMs, perMessageDeflate: false });
    }
  };

/** graphql-ws rejects with a CloseEvent, an ErrorEvent, an Error, or the GraphQL errors of the operation. */
function toError(cause: unknown): Error {
  if (Array.isArray(cause)) return new TransportError("protocol", cause.map((error) => String(error?.message)).join("; "), cause);
  if (cause instanceof Error) return new TransportError("connection", cause.message, cause);
  const code = typeof cause === "object" && cause !== null && "code" in cause ? ` ${String(cause.code)}` : "";
  return new TransportError("connection", `the subscription connection was lost${code}`, cause);
}
