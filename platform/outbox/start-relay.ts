import type { Lifecycle } from "../lifecycle/index.ts";
import type { Database } from "../postgres/index.ts";
import type { Queues } from "../queues/index.ts";
import { createRedis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import { controlQueue, controlTarget, type DeliveryTarget, queueTarget } from "./delivery-target.ts";
import { createFanOut } from "./fan-out.ts";
import { publishBatch, type Routes } from "./publish-batch.ts";
import { reconcile } from "./reconciler.ts";
import { keepRelayLeadership, type RelaySession } from "./relay-session.ts";
import { trimFeeds } from "./trim-feeds.ts";
import { createWakeUp } from "./wake-up.ts";

const batchSize = 500;
const pollMs = 250; // D6: the truth; NOTIFY only shortens it
const defaultReconcileMs = 10_000; // P11
const retryMs = 1_000; // while Redis is away
const trimMs = 60_000;

export type RelayOptions = {
  readonly database: Pick<Database, "name" | "primaryUrl">;
  readonly redisUrl: string;
  readonly queues: Queues;
  /** Event type to the queues its events go to. */
  readonly routes: Routes;
  /** Event types that gateways must learn of: also written to the Redis stream `control`. */
  readonly control: readonly string[];
  /** How often deliveries are looked at; 10 s unless given. */
  readonly reconcileMs?: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
};

/**
 * Publishes a database's outbox: numbers events in their feeds, writes them to Redis, delivers them to queues, and makes good
 * what Redis loses. Any number of processes may start one per database; one of them works, the others take over.
 */
export function startRelay(options: RelayOptions): void {
  const { database, redisUrl, queues, control, reconcileMs = defaultReconcileMs, logger, metrics, lifecycle } = options;
  const routes: Routes = Object.fromEntries(
    [...new Set([...Object.keys(options.routes), ...control])].map((type) => [
      type,
      [...(options.routes[type] ?? []), ...(control.includes(type) ? [controlQueue] : [])],
    ]),
  );
  const redis = createRedis({ url: redisUrl, kind: "producer", logger, lifecycle });
  const targets = new Map<string, DeliveryTarget>(
    [...new Set(Object.values(routes).flat())].map((name) => [
      name,
      name === controlQueue ? controlTarget(redis) : queueTarget(queues.queue(name)),
    ]),
  );
  const targetsByType = new Map(
    Object.entries(routes).map(([type, names]) => [type, new Map(names.map((name) => [name, targets.get(name)!]))]),
  );
  const none: ReadonlyMap<string, DeliveryTarget> = new Map();
  const fanOut = createFanOut({
    database: database.name,
    redis,
    targetsOf: (type) => targetsByType.get(type) ?? none,
    logger,
    metrics,
  });
  const published = metrics.counter("outbox_published_total", "Events published", ["database"]);
  const delay = metrics.histogram("outbox_publish_delay_seconds", "From an event's transaction to its publication", ["database"]);
  const leading = metrics.gauge("relay_leading", "1 where this process publishes the outbox", ["database"]);
  const outbox = createWakeUp();
  const redisBack = createWakeUp();
  let allDue = true; // what a former leader delivered is not known here
  redis.on("ready", () => {
    allDue = true;
    redisBack.wake();
  });

  async function publishLoop(session: RelaySession): Promise<void> {
    while (!session.signal.aborted) {
      const batch = await publishBatch(session, { limit: batchSize, routes });
      if (batch.events.length > 0) fanOut.push(batch);
      published.inc({ database: database.name }, batch.events.length);
      for (const event of batch.events) delay.observe({ database: database.name }, event.waitedMs / 1_000);
      if (batch.events.length < batchSize) await outbox.wait(pollMs, session.signal);
    }
  }

  async function reconcileLoop(session: RelaySession): Promise<void> {
    while (!session.signal.aborted) {
      let waitMs = reconcileMs;
      try {
        const all = allDue;
        await reconcile({ session, redis, database: database.name, targets, all, logger, metrics });
        if (all) allDue = false;
      } catch (error) {
        waitMs = Math.min(reconcileMs, retryMs);
        if (!session.signal.aborted) logger.debug({ err: error, database: database.name }, "deliveries were not reconciled");
      }
      await redisBack.wait(waitMs, session.signal);
    }
  }

  async function trimLoop(session: RelaySession): Promise<void> {
    const never = createWakeUp();
    for (;;) {
      await never.wait(trimMs, session.signal);
      if (session.signal.aborted) return;
      await trimFeeds(session);
    }
  }

  async function lead(session: RelaySession): Promise<void> {
    allDue = true;
    leading.set({ database: database.name }, 1);
    try {
      await Promise.all([publishLoop(session), reconcileLoop(session), trimLoop(session)]);
    } finally {
      leading.set({ database: database.name }, 0);
    }
  }

  const stopping = new AbortController();
  const leadership = keepRelayLeadership({
    name: database.name,
    url: database.primaryUrl,
    logger,
    signal: stopping.signal,
    onWake: outbox.wake,
    lead,
  });
  lifecycle.onStop(`relay ${database.name}`, async () => {
    stopping.abort();
    await leadership;
    await fanOut.drained(); // bounded by the timeouts of Redis commands
  });
}
