import { createHttp1Client } from "./http1/index.ts";
import { createSocketUpstream } from "./socket-upstream.ts";
import type { SubgraphTransport } from "./transport.ts";

export interface Http1TransportOptions {
  /** An `http:` address. */
  readonly url: string;
  readonly maxResponseBytes?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

/** POSTs with our own client; subscriptions over one WebSocket to the same address. */
export function createHttp1Transport({ url, ...limits }: Http1TransportOptions): SubgraphTransport {
  const { origin, pathname, search } = new URL(url);
  const client = createHttp1Client({ origin, path: pathname + search, ...limits });
  const upstream = createSocketUpstream({ url: url.replace(/^http/, "ws") });
  return {
    path: pathname,
    send: ({ head, body, kind, isRepeated = false, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const request = { head, body, timeoutMs, mayPipeline: kind === "query" && !isRepeated };
        const giveUp = client.send(request, {
          onReply(status, text) {
            signal.removeEventListener("abort", aborted);
            resolve({ status, body: text });
          },
          onFailure(error) {
            signal.removeEventListener("abort", aborted);
            reject(error);
          },
        });
        const aborted = (): void => {
          giveUp();
          reject(signal.reason);
        };
        signal.addEventListener("abort", aborted, { once: true });
      }),
    subscribe: (subscription) => upstream.subscribe(subscription),
    close: async () => {
      await Promise.all([client.close(), upstream.close()]);
    },
  };
}
