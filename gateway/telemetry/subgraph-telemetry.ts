import type { Metrics } from "@tributary/platform/telemetry";
import type { Logger } from "pino";
import type { ObservedCall } from "../subgraph-calls/index.ts";
import { ofLabels } from "./of-labels.ts";

/** Times calls to subgraphs by outcome, and logs those that failed. */
export function createSubgraphTelemetry({ metrics, logger }: { readonly metrics: Metrics; readonly logger: Logger }) {
  const duration = metrics.histogram("http_client_request_duration_seconds", "Calls to subgraphs", [
    "subgraph",
    "operation_kind",
    "outcome",
  ]);
  const timed = ofLabels((subgraph, operation_kind, outcome) => duration.labels({ subgraph, operation_kind, outcome }));
  return ({ subgraph, kind, outcome, durationMs, error }: ObservedCall): void => {
    timed(subgraph, kind, outcome).observe(durationMs / 1_000);
    if (outcome !== "ok") logger.warn({ subgraph, kind, outcome, durationMs, err: error }, "a subgraph call failed");
  };
}
