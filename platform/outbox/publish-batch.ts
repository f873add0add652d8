import { parseWalPosition } from "@tributary/contracts/consistency";
import type { RelaySession } from "./relay-session.ts";

/** An event as it leaves the outbox. */
export type PublishedEvent = {
  readonly id: string;
  readonly type: string;
  /** The envelope's JSON. */
  readonly json: string;
  /** Its place in its feed; null for an event that goes into none. */
  readonly feed: { readonly stream: string; readonly seq: number } | null;
  /** From the start of the transaction that appended it to that of the one that published it. */
  readonly waitedMs: number;
};

export type PublishedBatch = {
  readonly events: readonly PublishedEvent[];
  /** A WAL position at which both the events' changes and their feed entries can be read. */
  readonly position: bigint;
};

/** Which queues get events of a type. */
export type Routes = Readonly<Record<string, readonly string[]>>;

// `any (array (...))` and not `in (...)`: always by the key, however long the backlog is and whatever the statistics say.
// One statement, so one short transaction: either all of it happened or none.
//
// It takes every committed row in the order of `position`, not those below pg_snapshot_xmin in the order of xid. Rows are
// taken out, not passed by with "id > last", so one that commits late is taken later and none is lost. And writers append
// under the lock of the row they changed: of two changes of one row the first has the smaller position, and is visible
// whenever the second is. By xid it can be the other way round (the xid is given when the idempotency row is written,
// before the lock is waited for): see order.stack.test.ts.
const publishSql = `
  with batch as (
    delete from outbox where position = any (array (select position from outbox order by position limit $1))
    returning position, stream, envelope, appended_at
  ), numbered as (
    select position, stream, envelope,
      row_number() over (partition by stream order by position) as place, count(*) over (partition by stream) as places
    from batch where stream is not null
  ), heads as (
    insert into feed_stream (stream, head) select stream, count(*) from numbered group by stream
    on conflict (stream) do update set head = feed_stream.head + excluded.head
    returning stream, head
  ), placed as (
    select position, stream, head - places + place as seq, envelope from numbered join heads using (stream)
  ), written as (
    insert into feed_event (stream, seq, id, envelope, position)
    select stream, seq, envelope->>'id', envelope, pg_current_wal_insert_lsn()::text from placed
  ), owed as (
    insert into outbox_delivery (event_id, queue, envelope, check_at)
    select envelope->>'id', route.queue, envelope, now() + interval '10 s'
    from batch join jsonb_to_recordset($2::jsonb) as route (type text, queue text) on route.type = envelope->>'type'
    on conflict do nothing
  )
  select batch.envelope->>'id' as id, batch.envelope->>'type' as type, batch.envelope::text as json, batch.stream,
    placed.seq::float8 as seq, extract(epoch from now() - appended_at)::float8 * 1000 as "waitedMs"
  from batch left join placed using (position) order by batch.position`;

type Row = { id: string; type: string; json: string; stream: string | null; seq: number | null; waitedMs: number };

/** Publishes up to `limit` events: numbers them in their feeds and notes which queues they are owed to. */
export async function publishBatch(
  session: RelaySession,
  { limit, routes }: { limit: number; routes: Routes },
): Promise<PublishedBatch> {
  const pairs = Object.entries(routes).flatMap(([type, queues]) => queues.map((queue) => ({ type, queue })));
  const rows = await session.query<Row>(publishSql, [limit, JSON.stringify(pairs)]);
  if (rows.length === 0) return { events: [], position: 0n };
  const [after] = await session.query<{ position: string }>("select pg_current_wal_insert_lsn()::text as position");
  const events = rows.map(({ id, type, json, stream, seq, waitedMs }) => ({
    id,
    type,
    json,
    feed: stream === null || seq === null ? null : { stream, seq },
    waitedMs,
  }));
  return { events, position: parseWalPosition(after!.position) };
}
