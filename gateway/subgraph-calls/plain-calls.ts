import type { SubgraphFetch } from "../engine/executor.ts";
import type { SubgraphAddress } from "../supergraph/supergraph-generation.ts";
import { downstreamFailure, readReply, transportFailure } from "./reply.ts";
import { createTransportDirectory } from "./transport-directory.ts";

export interface PlainCalls {
  /** The fetch function of one request. */
  forRequest(request: {
    readonly headersFor: (subgraph: string) => Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): SubgraphFetch;
  /** Call after a supergraph swap. */
  retain(subgraphs: ReadonlyMap<string, SubgraphAddress>): void;
  close(): Promise<void>;
}

/** Calls subgraphs with headers the caller chooses: not signed, not shared. A fault is a reply with DOWNSTREAM_SERVICE_ERROR. */
export function createPlainCalls({
  addressOf,
  timeoutMs = 10_000,
}: {
  addressOf: (subgraph: string) => SubgraphAddress | undefined;
  timeoutMs?: number;
}): PlainCalls {
  const directory = createTransportDirectory({ addressOf });
  return {
    forRequest:
      ({ headersFor, signal }) =>
      async ({ subgraph, body, decode }) => {
        const transport = directory.transportOf(subgraph);
        if (!transport) return downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH");
        const headers = { "content-type": "application/json", accept: "application/json", ...headersFor(subgraph) };
        try {
          return readReply(subgraph, await transport.send({ headers, body, timeoutMs, signal }), decode);
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          return transportFailure(subgraph, error);
        }
      },
    retain: (subgraphs) => directory.retain(subgraphs),
    close: () => directory.close(),
  };
}
