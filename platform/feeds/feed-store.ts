import { type ConsistencyToken, emptyConsistency, parseWalPosition } from "@tributary/contracts/consistency";
import type { EventEnvelope } from "@tributary/contracts/events";
import { sql } from "drizzle-orm";
import type { Database } from "../postgres/index.ts";
import type { FeedEvent } from "./feed-item.ts";

/** Part of a feed, read in one snapshot: events without holes from the one after the place asked for. */
export type FeedPage =
  | { readonly kind: "events"; readonly events: readonly FeedEvent[]; readonly head: number }
  /** Events after the place asked for are no longer kept. */
  | { readonly kind: "expired"; readonly head: number }
  /** The place asked for lies beyond what this server has: it lags, or the place was never given. */
  | { readonly kind: "beyond"; readonly head: number };

export type FeedStore = {
  readPage(place: { stream: string; afterSeq: number; limit: number; freshness?: Freshness }): Promise<FeedPage>;
  /** The last numbers of feeds; those without events are left out. */
  readHeads(streams: readonly string[]): Promise<ReadonlyMap<string, number>>;
};

/** How fresh the server must be that is asked: any, one at a position, or the primary. */
export type Freshness = "any" | "primary" | ConsistencyToken;

type PageRow = { head: number; seq: number | null; json: string | null; position: string | null };

const keepMs = 7 * 24 * 3_600_000; // house rules: a cursor older than 7 days starts over
const farFuture = (1n << 63n) - 1n; // no replica gets there, so the read goes to the primary

/** Reads feeds from Postgres, the truth of them. */
export function createFeedStore(database: Pick<Database, "name" | "session">, now: () => number = Date.now): FeedStore {
  const sessionFor = (freshness: Freshness) => {
    if (freshness === "any") return database.session(emptyConsistency);
    return database.session(freshness === "primary" ? new Map([[database.name, farFuture]]) : freshness);
  };
  const toEvent = ({ seq, json, position }: PageRow): FeedEvent => ({
    kind: "event",
    seq: seq!,
    event: JSON.parse(json!) as EventEnvelope, // written by appendEvents, in this very database
    consistency: new Map([[database.name, parseWalPosition(position!)]]),
  });

  return {
    async readPage({ stream, afterSeq, limit, freshness = "any" }) {
      const rows = await sessionFor(freshness).read((db) =>
        db.execute<PageRow>(sql`
          select feed_stream.head::float8 as head, event.seq::float8 as seq, event.json, event.position
          from feed_stream left join lateral (
            select seq, envelope::text as json, position from feed_event
            where feed_event.stream = feed_stream.stream and seq > ${afterSeq} order by seq limit ${limit}
          ) as event on true
          where feed_stream.stream = ${stream} order by event.seq`),
      );
      const head = rows[0]?.head ?? 0;
      const events = rows.filter(({ seq }) => seq !== null).map(toEvent);
      if (afterSeq > head) return { kind: "beyond", head };
      const holes = events.some(({ seq }, index) => seq !== afterSeq + 1 + index);
      const missing = events.length < Math.min(limit, head - afterSeq);
      const tooOld = events[0] !== undefined && now() - Date.parse(events[0].event.occurredAt) > keepMs;
      return holes || missing || tooOld ? { kind: "expired", head } : { kind: "events", events, head };
    },
    async readHeads(streams) {
      const rows = await sessionFor("any").read((db) =>
        db.execute<{ stream: string; head: number }>(sql`
          select stream, head::float8 as head from feed_stream
          where stream in (select jsonb_array_elements_text(${JSON.stringify(streams)}::jsonb))`),
      );
      return new Map(rows.map(({ stream, head }) => [stream, head]));
    },
  };
}
