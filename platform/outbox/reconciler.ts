import type { JobState } from "../queues/index.ts";
import type { Redis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import type { DeliveryTarget, OwedEvent } from "./delivery-target.ts";
import type { RelaySession } from "./relay-session.ts";

const pageSize = 500;

type Row = { event_id: string; queue: string; json: string; published_at: Date };
type Owed = OwedEvent & { readonly queue: string };

// Jobs that wait long are looked at less and less often, at most every 5 min; dead ones rarely (somebody may revive them).
const nextCheckSql: Readonly<Record<Exclude<JobState, "done">, string>> = {
  missing: "now() + interval '10 s'",
  pending: "now() + least(greatest(interval '10 s', (now() - published_at) / 4), interval '5 min')",
  dead: "now() + interval '10 min'",
};
const matching = "(event_id, queue) in (select * from unnest($1::text[], $2::text[]))";

async function settle(session: RelaySession, state: JobState, rows: readonly Owed[]): Promise<void> {
  if (rows.length === 0) return;
  const keys = [rows.map(({ id }) => id), rows.map(({ queue }) => queue)];
  if (state === "done") await session.query(`delete from outbox_delivery where ${matching}`, keys);
  else await session.query(`update outbox_delivery set check_at = ${nextCheckSql[state]} where ${matching}`, keys);
}

/** Redis has lost its data when the mark is gone that the last run left in it. */
async function wasWiped(redis: Redis, database: string): Promise<boolean> {
  return (await redis.set(`relay:${database}:here`, "1", "NX")) === "OK";
}

/**
 * Looks at deliveries that are due: those worked off are forgotten, those Redis does not know are delivered again. With `all`,
 * or after Redis lost its data, every delivery is due. Runs on the leader's session. @throws when Redis or the session is away
 */
export async function reconcile(options: {
  session: RelaySession;
  redis: Redis;
  database: string;
  targets: ReadonlyMap<string, DeliveryTarget>;
  all: boolean;
  logger: Logger;
  metrics: Metrics;
}): Promise<void> {
  const { session, redis, database, targets, logger, metrics } = options;
  const redelivered = metrics.counter("outbox_redelivered_total", "Events delivered again because Redis had lost them", [
    "queue",
  ]);
  if ((await wasWiped(redis, database)) || options.all)
    await session.query("update outbox_delivery set check_at = now() where check_at > now()");
  for (;;) {
    const rows = await session.query<Row>(
      `select event_id, queue, envelope::text as json, published_at from outbox_delivery
       where check_at <= now() order by check_at, event_id limit ${pageSize}`,
    );
    const owed = rows.map((row) => ({ id: row.event_id, queue: row.queue, json: row.json, publishedAt: row.published_at }));
    for (const [queue, list] of Map.groupBy(owed, (event) => event.queue)) {
      const target = targets.get(queue);
      if (!target) logger.warn({ queue, count: list.length }, "events are owed to a queue that nobody routes to any more");
      const states = target ? await target.states(list) : list.map((): JobState => "dead");
      const byState = Map.groupBy(list, (_event, index) => states[index]!);
      const missing = byState.get("missing") ?? [];
      if (missing.length > 0) {
        await target?.deliver(missing);
        redelivered.inc({ queue }, missing.length);
      }
      for (const [state, events] of byState) await settle(session, state, events);
    }
    if (rows.length < pageSize) return;
  }
}
