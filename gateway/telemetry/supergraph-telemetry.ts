import type { Metrics } from "@tributary/platform/telemetry";

/** Tells which supergraph is in use, and how often one was not taken, by code. */
export function createSupergraphTelemetry({ metrics }: { readonly metrics: Metrics }) {
  const info = metrics.gauge("graphql_supergraph_info", "1 for the supergraph in use, by the SHA-256 of its SDL", ["hash"]);
  const refusals = metrics.counter("graphql_supergraph_refused_total", "Supergraphs that were not taken", ["code"]);
  return {
    used(hash: string): void {
      info.reset();
      info.set({ hash }, 1);
    },
    refused: (code: string): void => refusals.inc({ code }),
  };
}
