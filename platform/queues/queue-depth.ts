import { Queue } from "bullmq";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Redis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";

const intervalMs = 5_000; // a third of Prometheus' usual scrape interval

/** Keeps the gauge `queue_depth{queue,state}` up to date until the lifecycle stops. */
export function watchQueueDepth(options: {
  name: string;
  connection: Redis;
  logger: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
}): void {
  const { name, connection, logger, metrics, lifecycle } = options;
  const depth = metrics.gauge("queue_depth", "Jobs in a queue by state", ["queue", "state"]);
  const queue = new Queue(name, { connection });
  queue.on("error", (error) => logger.debug({ err: error, queue: name }, "queue connection failed"));
  const timer = setInterval(() => {
    if (connection.status !== "ready") return; // commands of this connection would wait
    queue.getJobCounts("waiting", "active", "delayed", "failed").then(
      (counts) => {
        for (const [state, count] of Object.entries(counts)) depth.set({ queue: name, state }, count);
      },
      (error: unknown) => logger.debug({ err: error, queue: name }, "queue depth not read"),
    );
  }, intervalMs);
  timer.unref();
  lifecycle.onStop(`queue depth ${name}`, async () => {
    clearInterval(timer);
    await queue.close();
  });
}
