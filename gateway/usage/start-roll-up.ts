import type { Lifecycle } from "@tributary/platform/lifecycle";
import { createRedis } from "@tributary/platform/redis";
import type { Logger } from "pino";

/**
 * Rolls recorded usage up in Postgres every `intervalMs`. All gateways may do it: one at a time works, and the same counts
 * written twice are the same rows. What is away is tried again the next time; Redis keeps the counts for weeks.
 */
export function startRollUp({
  redisUrl,
  databaseUrl,
  intervalMs,
  logger,
  lifecycle,
}: {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly intervalMs: number;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}): void {
  const redis = createRedis({ url: redisUrl, kind: "producer", logger, lifecycle });
  let failing = false;
  let running: Promise<void> | undefined;
  const rollUp = async (): Promise<void> => {
    try {
      const { rollUpUsage } = await import("./usage-history.ts"); // loads the Postgres driver: only where there is one
      await rollUpUsage(redis, { databaseUrl }, Date.now());
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, "usage cannot be rolled up; it stays in Redis until it can");
      failing = true; // one line per outage
    }
  };
  const timer = setInterval(() => {
    running ??= rollUp().finally(() => {
      running = undefined;
    });
  }, intervalMs).unref();
  lifecycle.onStop("usage roll-up", async () => {
    clearInterval(timer);
    await running;
  });
}
