import { formatWalPosition } from "@tributary/contracts/consistency";
import type { Redis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import { createBoundedLane } from "./bounded-lane.ts";
import type { DeliveryTarget, OwedEvent } from "./delivery-target.ts";
import { feedKey, feedMaxLength } from "./feed-key.ts";
import type { PublishedBatch, PublishedEvent } from "./publish-batch.ts";

export type FanOut = {
  /** Takes a batch; never waits for Redis. */
  push(batch: PublishedBatch): void;
  /** Resolves when everything pushed was tried. */
  drained(): Promise<void>;
};

const maxWaitingEvents = 10_000; // some 10 MB; what does not fit is filled from Postgres by readers and reconciler
const feedExpiryMs = 24 * 3_600_000; // a feed without events for a day is read from Postgres

const alreadyThere = (error: Error): boolean => error.message.includes("equal or smaller"); // D5: another relay was quicker

/**
 * The fast path from the relay to Redis: feed entries, then jobs, in the relay's order. Whatever fails here is only late:
 * Postgres has it all, readers fill their holes from there and the reconciler delivers again.
 */
export function createFanOut(options: {
  database: string;
  redis: Redis;
  targetsOf: (type: string) => ReadonlyMap<string, DeliveryTarget>;
  logger: Logger;
  metrics: Metrics;
}): FanOut {
  const { database, redis, targetsOf, logger, metrics } = options;
  const failures = metrics.counter("relay_fan_out_failures_total", "Events that took the slow path instead of Redis", [
    "database",
    "step",
  ]);
  async function writeFeeds({ events, position }: PublishedBatch): Promise<void> {
    const writes = redis.pipeline();
    for (const { feed, json } of events) {
      if (!feed) continue;
      const key = feedKey(database, feed.stream);
      writes.xadd(key, "MAXLEN", "~", feedMaxLength, `${feed.seq}-0`, "event", json, "position", formatWalPosition(position));
      writes.pexpire(key, feedExpiryMs);
    }
    if (writes.length === 0) return;
    for (const [error] of (await writes.exec()) ?? []) if (error && !alreadyThere(error)) throw error;
  }

  async function deliver(events: readonly PublishedEvent[]): Promise<void> {
    const owed = new Map<DeliveryTarget, OwedEvent[]>();
    const publishedAt = new Date();
    for (const { id, type, json } of events) {
      for (const target of targetsOf(type).values()) {
        const list = owed.get(target) ?? [];
        list.push({ id, json, publishedAt });
        owed.set(target, list);
      }
    }
    for (const [target, list] of owed) await target.deliver(list);
  }

  // Two lanes, so that feeds do not wait for jobs.
  const lanes = Object.entries({ feeds: writeFeeds, deliveries: (batch: PublishedBatch) => deliver(batch.events) }).map(
    ([step, work]) => ({
      step,
      lane: createBoundedLane<PublishedBatch>(maxWaitingEvents, (batch) =>
        work(batch).catch((error: unknown) => {
          failures.inc({ database, step }, batch.events.length);
          logger.debug({ err: error, step }, "Redis did not take events; they go the slow path");
        }),
      ),
    }),
  );

  return {
    push(batch) {
      for (const { step, lane } of lanes) {
        if (!lane.push(batch, batch.events.length)) failures.inc({ database, step }, batch.events.length);
      }
    },
    drained: async () => void (await Promise.all(lanes.map(({ lane }) => lane.drained()))),
  };
}
