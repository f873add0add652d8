import type { Metrics } from "@tributary/platform/telemetry";
import type { Logger } from "pino";
import type { ObservedCall } from "../subgraph-calls/index.ts";

/** Times calls to subgraphs by outcome, and logs those that failed. */
export function createSubgraphTelemetry({ metrics, logger }: { readonly metrics: Metrics; readonly logger: Logger }) {
  const durations = metrics.timings("http_client_request_duration_seconds", "Calls to subgraphs", [
    "subgraph",
    "operation_kind",
    "outcome",
  ]);
  return ({ subgraph, kind, outcome, durationMs, error }: ObservedCall): void => {
    durations(subgraph, kind, outcome).add(durationMs / 1_000);
    if (outcome !== "ok") logger.warn({ subgraph, kind, outcome, durationMs, err: error }, "a subgraph call failed");
  };
}
