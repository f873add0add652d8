import type { FormattedExecutionResult } from "graphql";
import { parseHead, type SubgraphTransport, type SubscriptionPayload, TransportError } from "./transport.ts";

/** The part of a subgraph server that is called without sockets; `SubgraphServer` of platform/subgraph-server fits. */
export interface InProcessSubgraph {
  handle(request: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: string;
  }): Promise<{ status: number; body: string }>;
  subscribe(request: {
    headers: Record<string, string>;
    payload: SubscriptionPayload;
    signal: AbortSignal;
  }): AsyncIterable<FormattedExecutionResult>;
}

const path = "/graphql";

/** Calls a subgraph that lives in this process: the same bytes, signatures and time limits as over HTTP, without a socket. */
export function createInProcessTransport(subgraph: InProcessSubgraph): SubgraphTransport {
  return {
    path,
    send: ({ head, body, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const over = (reason: unknown): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", aborted);
          reject(reason);
        };
        const aborted = (): void => over(signal.reason);
        const timer = setTimeout(() => over(new TransportError("timeout", `no reply within ${timeoutMs} ms`)), timeoutMs);
        signal.addEventListener("abort", aborted, { once: true });
        subgraph.handle({ method: "POST", path, headers: parseHead(head), body }).then(
          ({ status, body: reply }) => {
            resolve({ status, body: reply });
            over(undefined);
          },
          (error: unknown) => over(new TransportError("protocol", "the subgraph failed", error)),
        );
      }),
    subscribe: ({ headers, payload, signal }) => subgraph.subscribe({ headers: { ...headers }, payload, signal }),
    close: async () => {},
  };
}
