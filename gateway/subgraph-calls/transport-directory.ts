import type { SubgraphAddress } from "../supergraph/index.ts";
import { createHttpTransport } from "./http-transport.ts";
import { createHttp1Transport } from "./http1-transport.ts";
import type { SubgraphTransport } from "./transport.ts";

/** Transports by subgraph, made when first used and closed when the supergraph no longer names their address. */
export interface TransportDirectory {
  transportOf(subgraph: string): SubgraphTransport | undefined;
  /** Call after a supergraph swap. Requests in flight have `drainMs` to end. */
  retain(subgraphs: ReadonlyMap<string, SubgraphAddress>): void;
  close(): Promise<void>;
}

/** What calls plain `http:` addresses; `https:` is undici's in any case. */
export type HttpClientName = "own" | "undici";

const drainMs = 30_000; // longer than any request may take

/** `fixed` transports, by subgraph name, go before the supergraph's addresses: subgraphs in this process. */
export function createTransportDirectory({
  addressOf,
  fixed = new Map(),
  httpClient = "own",
}: {
  addressOf: (subgraph: string) => SubgraphAddress | undefined;
  fixed?: ReadonlyMap<string, SubgraphTransport>;
  httpClient?: HttpClientName;
}): TransportDirectory {
  const create = (url: string): SubgraphTransport =>
    httpClient === "own" && URL.parse(url)?.protocol === "http:" ? createHttp1Transport({ url }) : createHttpTransport({ url });
  const byUrl = new Map<string, SubgraphTransport>();
  const draining = new Set<NodeJS.Timeout>();
  return {
    transportOf(subgraph) {
      const own = fixed.get(subgraph);
      if (own) return own;
      const url = addressOf(subgraph)?.url;
      if (!url) return undefined;
      const known = byUrl.get(url);
      if (known) return known;
      const transport = create(url);
      byUrl.set(url, transport);
      return transport;
    },
    retain(subgraphs) {
      const wanted = new Set([...subgraphs.values()].map(({ url }) => url));
      for (const [url, transport] of byUrl) {
        if (wanted.has(url)) continue;
        byUrl.delete(url);
        const timer = setTimeout(() => {
          draining.delete(timer);
          void transport.close();
        }, drainMs);
        timer.unref();
        draining.add(timer);
      }
    },
    async close() {
      for (const timer of draining) clearTimeout(timer);
      await Promise.all([...byUrl.values(), ...fixed.values()].map((transport) => transport.close()));
    },
  };
}
