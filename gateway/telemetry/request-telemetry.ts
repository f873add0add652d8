import type { Metrics } from "@tributary/platform/telemetry";
import type { Logger } from "pino";

/** What became of one client request. */
export type RequestReport = {
  readonly requestId: string;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly userId: string | null;
  /** Null where the request ended before its operation was known. */
  readonly operation: { readonly kind: string; readonly name: string | null; readonly hash: string } | null;
  readonly status: number;
  /** Why it was not executed; null where it was. */
  readonly refusalCode: string | null;
  /** Errors in the answer of an executed operation. */
  readonly errorCount: number;
  readonly durationMs: number;
};

export type RequestTelemetry = {
  started(): void;
  finished(report: RequestReport): void;
};

/** Counts and times requests, and writes one log line for each. Names follow OpenTelemetry's semantic conventions. */
export function createRequestTelemetry({
  metrics,
  logger,
}: {
  readonly metrics: Metrics;
  readonly logger: Logger;
}): RequestTelemetry {
  const durations = metrics.timings("http_server_request_duration_seconds", "Client requests, until the answer is ready", [
    "operation_kind",
    "status",
  ]);
  const answers = metrics.tallies("graphql_responses_total", "Answers: ok, partial (some fields failed), or why refused", [
    "operation_kind",
    "outcome",
  ]);
  let active = 0;
  metrics.readGauge("http_server_active_requests", "Client requests being worked on", () => active);
  return {
    started() {
      active += 1;
    },
    finished(report) {
      const { operation, status, refusalCode, errorCount, durationMs } = report;
      const kind = operation?.kind ?? "unknown";
      active -= 1;
      durations(kind, String(status)).add(durationMs / 1_000);
      answers(kind, refusalCode ?? (errorCount > 0 ? "partial" : "ok")).add();
      logger.info(
        {
          requestId: report.requestId,
          operation: operation?.name ?? null,
          operationKind: kind,
          operationHash: operation?.hash ?? null,
          status,
          refusalCode,
          errorCount,
          durationMs: Math.round(durationMs * 10) / 10,
          userId: report.userId,
          clientName: report.clientName,
          clientVersion: report.clientVersion,
        },
        "request",
      );
    },
  };
}
