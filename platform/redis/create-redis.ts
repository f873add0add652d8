import { Redis, type RedisOptions } from "ioredis";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** What a connection is for decides how it behaves when Redis is away (D10); one is never used for two things. */
export type RedisKind = "cache" | "stream-reader" | "producer" | "worker";

// Full jitter up to a second: a Redis that comes back is used within a second, and not by everybody at once.
const retryStrategy = (times: number): number => 25 + Math.random() * Math.min(1_000, 50 * 2 ** Math.min(times, 5));

type OutageOptions = Pick<
  RedisOptions,
  "maxRetriesPerRequest" | "enableOfflineQueue" | "commandTimeout" | "autoResendUnfulfilledCommands"
>;

const failFast = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
} satisfies OutageOptions;

const optionsByKind: Readonly<Record<RedisKind, OutageOptions>> = {
  /** Skipped when slow: a hanging Redis costs a request 50 ms, once (P12). */
  cache: { ...failFast, commandTimeout: 50 },
  /** XREAD BLOCK and nothing else; the timeout lies above the longest block (2 s). */
  "stream-reader": { ...failFast, commandTimeout: 4_000 },
  /** What it fails to write is written again by a reconciler. */
  producer: { ...failFast, commandTimeout: 1_000 },
  /** BullMQ workers wait for Redis to return. */
  worker: { maxRetriesPerRequest: null, enableOfflineQueue: true },
};

/**
 * A Redis connection that connects by itself, now and whenever it was lost, until the lifecycle stops. Opens with Redis down:
 * commands then reject at once, or wait in the kind `worker`.
 */
export function createRedis(options: { url: string; kind: RedisKind; logger: Logger; lifecycle: Lifecycle }): Redis {
  const { url, kind, logger, lifecycle } = options;
  const redis = new Redis(url, {
    ...optionsByKind[kind],
    connectTimeout: 1_000,
    retryStrategy,
    connectionName: `tributary-${kind}`,
  });
  let reported = false;
  redis.on("error", (error: Error) => {
    if (!reported) logger.warn({ err: error, kind }, "Redis is not reachable");
    reported = true; // one line per outage
  });
  redis.on("ready", () => {
    if (reported) logger.info({ kind }, "Redis is back");
    reported = false;
  });
  lifecycle.onStop(`redis ${kind}`, () => redis.disconnect());
  return redis;
}
