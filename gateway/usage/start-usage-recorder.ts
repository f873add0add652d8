import type { Lifecycle } from "@tributary/platform/lifecycle";
import { createRedis } from "@tributary/platform/redis";
import type { Metrics } from "@tributary/platform/telemetry";
import type { Logger } from "pino";
import { createUsageRecorder, type UsageRecorder } from "./usage-recorder.ts";

/**
 * Records usage in Redis: sends every `flushIntervalMs`, and when the process stops. Redis may be away: counts are kept
 * within their bounds and sent when it is back; requests never notice.
 */
export function startUsageRecorder({
  redisUrl,
  flushIntervalMs,
  logger,
  lifecycle,
  metrics,
}: {
  readonly redisUrl: string;
  readonly flushIntervalMs: number;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}): Pick<UsageRecorder, "record"> {
  const overflow = metrics.counter(
    "graphql_usage_overflow_total",
    "Requests counted under (other): too many operations or clients.",
  );
  const lost = metrics.counter("graphql_usage_lost_total", "Requests that usage does not count: Redis was away for too long.");
  const recorder = createUsageRecorder({
    store: createRedis({ url: redisUrl, kind: "producer", logger, lifecycle }),
    onOverflow: (requests) => overflow.inc(requests),
    onLost: (requests) => lost.inc(requests),
  });
  let failing = false;
  const flush = async (): Promise<void> => {
    try {
      await recorder.flush();
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, "usage cannot be sent; it is kept");
      failing = true; // one line per outage
    }
  };
  const timer = setInterval(() => void flush(), flushIntervalMs).unref();
  lifecycle.onStop("usage", async () => {
    clearInterval(timer);
    await flush();
  });
  return { record: recorder.record };
}
