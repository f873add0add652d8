import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../telemetry/index.ts";
import type { FeedEvent } from "./feed-item.ts";
import type { FeedReader } from "./feed-reader.ts";
import type { FeedStore, Freshness } from "./feed-store.ts";

/** The live end of one feed in this process, shared by its readers. */
export type FeedTail = {
  /** The number of the last event given to readers. */
  last(): number;
  /** An event from Redis: the next one is given to the readers, a later one has the hole before it filled first. */
  offer(event: FeedEvent): void;
  /** The feed is known to reach up to `head`: what is missing is fetched. */
  reach(head: number): void;
  /** Adds a reader that has everything up to `seq`; false where too much lies between, and it must read that itself. */
  attach(reader: FeedReader, seq: number): boolean;
  detach(reader: FeedReader): void;
  readers(): ReadonlySet<FeedReader>;
};

const rememberedEvents = 128; // half of a reader's queue: what a reader may be behind and still join at once
const pageSize = 500;
const lagPauseMs = 20;
const failurePauseMs = 250;

/** A tail that starts after `afterSeq`. `onFilled` is told how many events came from Postgres instead of Redis. */
export function createFeedTail(options: {
  stream: string;
  afterSeq: number;
  store: FeedStore;
  logger: Logger;
  onFilled: (events: number) => void;
}): FeedTail {
  const { stream, store, logger, onFilled } = options;
  const readers = new Set<FeedReader>();
  const remembered: FeedEvent[] = [];
  let last = options.afterSeq;
  let target = last;
  let freshness: Freshness = "any";
  let filling = false;

  function give(event: FeedEvent): void {
    last = event.seq;
    remembered.push(event);
    if (remembered.length > rememberedEvents) remembered.shift();
    for (const reader of readers) reader.push(event);
  }

  /** Gives what Postgres has after `last`; false where nothing came. */
  async function fillPage(from: Freshness): Promise<boolean> {
    const page = await store.readPage({ stream, afterSeq: last, limit: pageSize, freshness: from });
    if (page.kind === "expired") {
      for (const reader of readers) reader.expire();
      target = last;
      return true;
    }
    const events = page.kind === "events" ? page.events : [];
    for (const event of events) give(event);
    onFilled(events.length);
    return events.length > 0;
  }

  async function fill(): Promise<void> {
    filling = true;
    for (let idle = 0; last < target && readers.size > 0; ) {
      try {
        // A server that lags is asked again; after that the primary, which has what Redis told of.
        idle = (await fillPage(idle < 2 ? freshness : "primary")) ? 0 : idle + 1;
        if (idle > 0) await delay(lagPauseMs * 2 ** Math.min(idle - 1, 6));
      } catch (error) {
        logger.debug({ err: error, stream }, "a hole in a feed is not filled yet");
        await delay(failurePauseMs);
      }
    }
    filling = false;
  }

  function reach(head: number, at: Freshness = "any"): void {
    if (head <= target && (filling || head <= last)) return;
    target = Math.max(target, head);
    freshness = at;
    if (!filling) void fill();
  }

  return {
    last: () => last,
    offer(event) {
      if (event.seq <= last) return;
      if (event.seq === last + 1 && !filling) give(event);
      else reach(event.seq, event.consistency);
    },
    reach: (head) => reach(head),
    attach(reader, seq) {
      const oldest = remembered[0]?.seq ?? last + 1;
      if (seq < oldest - 1) return false;
      for (const event of remembered) reader.push(event);
      readers.add(reader);
      reach(seq); // the reader may have read further than the tail
      return true;
    },
    detach: (reader) => void readers.delete(reader),
    readers: () => readers,
  };
}
