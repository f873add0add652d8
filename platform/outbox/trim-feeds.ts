import type { RelaySession } from "./relay-session.ts";

/** How many events of a feed are kept (domain: house rules). Older months go with their partition. */
const feedKeepEvents = 100_000;

const maxRows = 5_000; // per statement, so that the relay is never busy for long

/**
 * Forgets what is beyond the limits: events of long feeds, marks of events consumed over 30 days ago. Readers see from the
 * numbers that something is missing. Does a bounded piece of work; call it again.
 */
export async function trimFeeds(session: RelaySession, keepEvents: number = feedKeepEvents): Promise<void> {
  await session.query(
    `with beyond as (
       select stream, head - $1 as last from feed_stream where head - $1 > trimmed order by stream limit 100
     ), gone as (
       delete from feed_event where (stream, seq, id) in (
         select event.stream, event.seq, event.id from beyond
         cross join lateral (
           select stream, seq, id from feed_event
           where feed_event.stream = beyond.stream and seq <= beyond.last order by seq limit ${maxRows}
         ) as event
       ) returning stream, seq
     ), trimmed as (select stream, max(seq) as seq from gone group by stream)
     update feed_stream set trimmed = trimmed.seq from trimmed where feed_stream.stream = trimmed.stream`,
    [keepEvents],
  );
  await session.query(
    `delete from consumed_event where (consumer, event_id) in (
       select consumer, event_id from consumed_event where consumed_at < now() - interval '30 days' limit ${maxRows})`,
  );
}
