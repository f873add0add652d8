import { isAscii } from "node:buffer";
import { type Dispatcher, Pool } from "undici";
import { createSocketUpstream } from "./socket-upstream.ts";
import { parseHead, type SubgraphTransport, TransportError, type TransportRequest, type TransportResponse } from "./transport.ts";

export interface HttpTransportOptions {
  readonly url: string;
  /** Sockets to this subgraph at most; the concurrency cap is the same number, so that no request waits in the pool. */
  readonly maxConnections?: number | undefined;
  readonly maxResponseBytes?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

/** POSTs over keep-alive connections; subscriptions over one WebSocket to the same address. */
export function createHttpTransport(options: HttpTransportOptions): SubgraphTransport {
  const { url, maxConnections = 64, maxResponseBytes = 8 * 1024 * 1024, connectTimeoutMs = 1_000 } = options;
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const pool = new Pool(origin, {
    connections: maxConnections,
    pipelining: 1, // a slow reply must not hold up others
    keepAliveTimeout: 4_000, // below the 5 s after which Node's servers close an idle connection
    connect: { timeout: connectTimeoutMs },
  });
  const upstream = createSocketUpstream({ url: url.replace(/^http/, "ws") });
  return {
    path: pathname,
    send: (request) =>
      new Promise((resolve, reject) => {
        const { head, body, timeoutMs, signal } = request;
        const headers = parseHead(head);
        if (signal.aborted) return reject(signal.reason);
        const reading = readReply({ request, maxResponseBytes, resolve, reject });
        pool.dispatch(
          { path, method: "POST", headers, body, headersTimeout: timeoutMs + 1_000, bodyTimeout: timeoutMs + 1_000 },
          reading,
        );
      }),
    subscribe: (subscription) => upstream.subscribe(subscription),
    close: async () => {
      await Promise.all([pool.destroy(), upstream.close()]);
    },
  };
}

/** Collects one reply, within its size, its time and its signal. */
function readReply({
  request: { timeoutMs, signal },
  maxResponseBytes,
  resolve,
  reject,
}: {
  request: TransportRequest;
  maxResponseBytes: number;
  resolve: (response: TransportResponse) => void;
  reject: (reason: unknown) => void;
}): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let settled = false;
  let status = 0;
  let bytes = 0;
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;

  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
    return true;
  };
  const fail = (reason: unknown): void => {
    if (!settle()) return;
    reject(reason);
    controller?.abort(reason instanceof Error ? reason : new Error("aborted"));
  };
  const aborted = (): void => fail(signal.reason);
  const timer = setTimeout(() => fail(new TransportError("timeout", `no reply within ${timeoutMs} ms`)), timeoutMs);
  signal.addEventListener("abort", aborted, { once: true });

  return {
    onRequestStart(started) {
      controller = started;
      if (settled) started.abort(new Error("no longer wanted"));
    },
    onResponseStart(_, statusCode) {
      status = statusCode;
    },
    onResponseData(_, chunk) {
      bytes += chunk.length;
      if (bytes > maxResponseBytes) fail(new TransportError("overflow", `a reply of more than ${maxResponseBytes} bytes`));
      else if (first === undefined) first = chunk;
      else if (rest === undefined) rest = [first, chunk];
      else rest.push(chunk);
    },
    onResponseEnd() {
      if (settle()) resolve({ status, body: toText(rest ? Buffer.concat(rest) : (first ?? Buffer.alloc(0))) });
    },
    onResponseError(_, error) {
      fail(new TransportError("connection", error.message, error));
    },
  };
}

/** Most replies are ASCII, and those become one-byte strings: half the memory, and faster to scan. */
const toText = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
