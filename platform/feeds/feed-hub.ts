import type { Lifecycle } from "../lifecycle/index.ts";
import type { Database } from "../postgres/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import type { FeedItem, ResetReason } from "./feed-item.ts";
import { createFeedReader, type FeedReader } from "./feed-reader.ts";
import { createFeedStore, type FeedPage } from "./feed-store.ts";
import { createFeedTail, type FeedTail } from "./feed-tail.ts";
import { createRedisTail } from "./redis-tail.ts";

export type FeedHub = {
  /**
   * What happened in a feed after `afterSeq` (null: from now on), then what happens. A reader that cannot take a burst reads on
   * from Postgres at its own pace; one that does not catch up is reset. Ends when the signal is aborted, after a reset, or when
   * the process stops. @throws AppError UNAVAILABLE while Postgres cannot be read
   */
  open(place: { stream: string; afterSeq: number | null; signal: AbortSignal }): AsyncIterable<FeedItem>;
};

const pageSize = 500;
const checkpointMs = 15_000; // house rules
const checkpointTickMs = 1_000;
const pollMs = { redisUp: 1_000, redisDown: 250 }; // with Redis up the poll only finds what the relay could not write there
const streamsPerPoll = 1_000;

/** Feeds of one database for the readers of this process: Postgres for the past, Redis for the present, Postgres again for holes. */
export function createFeedHub(options: {
  database: Pick<Database, "name" | "session">;
  redisUrl: string;
  logger: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** How long a reader may be unable to follow before it is reset; 10 s unless given (P20). */
  maxBehindMs?: number;
}): FeedHub {
  const { database, redisUrl, logger, metrics, lifecycle, maxBehindMs = 10_000 } = options;
  const store = createFeedStore(database);
  const tails = new Map<string, FeedTail>();
  const pages = new Map<string, Promise<FeedPage>>();
  const readersGauge = metrics.gauge("feed_readers", "Open readers of feeds", ["database"]);
  const resets = metrics.counter("feed_resets_total", "Readers told to start over", ["database", "reason"]);
  const filled = metrics.counter("feed_filled_total", "Events read from Postgres by live tails", ["database"]);
  const redis = createRedisTail({
    database: database.name,
    redisUrl,
    logger,
    lifecycle,
    onEvent: (stream, event) => tails.get(stream)?.offer(event),
  });
  let stopped = false;

  /** Many readers come back to one place at once; they share one read. */
  function readPage(stream: string, afterSeq: number): Promise<FeedPage> {
    const key = `${afterSeq} ${stream}`;
    const running = pages.get(key);
    if (running) return running;
    const page = store
      .readPage({ stream, afterSeq, limit: pageSize })
      // A replica may lag behind the cursor; only the primary can say that it was never given.
      .then((found) =>
        found.kind === "beyond" ? store.readPage({ stream, afterSeq, limit: pageSize, freshness: "primary" }) : found,
      )
      .finally(() => pages.delete(key));
    pages.set(key, page);
    return page;
  }

  function attach(stream: string, reader: FeedReader, seq: number): boolean {
    const tail = tails.get(stream);
    if (tail) return tail.attach(reader, seq);
    const onFilled = (events: number) => filled.inc({ database: database.name }, events);
    const created = createFeedTail({ stream, afterSeq: seq, store, logger, onFilled });
    created.attach(reader, seq);
    tails.set(stream, created);
    redis.watch(stream, seq);
    return true;
  }

  function detach(stream: string, reader: FeedReader): void {
    const tail = tails.get(stream);
    tail?.detach(reader);
    if (!tail || tail.readers().size > 0) return;
    tails.delete(stream);
    redis.unwatch(stream);
  }

  const resetTo = (seq: number, reason: ResetReason): FeedItem => {
    resets.inc({ database: database.name, reason });
    return { kind: "reset", seq, reason };
  };

  async function* open({ stream, afterSeq, signal }: Parameters<FeedHub["open"]>[0]): AsyncGenerator<FeedItem, void, void> {
    let seq = afterSeq ?? (await store.readHeads([stream])).get(stream) ?? 0;
    let caughtUp = afterSeq === null;
    let behindSinceMs: number | null = null; // since it could not follow the tail
    while (!signal.aborted && !stopped) {
      if (behindSinceMs !== null && performance.now() - behindSinceMs > maxBehindMs) {
        yield resetTo(seq, "SLOW_CONSUMER");
        return;
      }
      if (!caughtUp) {
        const page = await readPage(stream, seq);
        if (page.kind !== "events") {
          yield resetTo(page.head, "CURSOR_EXPIRED");
          return;
        }
        for (const event of page.events) {
          yield event;
          seq = event.seq;
          if (signal.aborted) return;
        }
        caughtUp = page.events.length < pageSize;
        if (!caughtUp) yield { kind: "checkpoint", seq, caughtUp };
        continue;
      }
      caughtUp = false; // until the next page says otherwise
      const reader = createFeedReader(seq, () => {
        behindSinceMs = performance.now();
        detach(stream, reader);
      });
      if (!attach(stream, reader, seq)) continue; // the tail has moved on meanwhile
      behindSinceMs = null;
      if ((yield* follow(stream, reader, signal)) === "ended") return;
      seq = reader.seq();
    }
  }

  /** Gives what the tail has, as long as the consumer keeps up with it. */
  async function* follow(
    stream: string,
    reader: FeedReader,
    signal: AbortSignal,
  ): AsyncGenerator<FeedItem, "behind" | "ended", void> {
    readersGauge.inc({ database: database.name });
    signal.addEventListener("abort", reader.end, { once: true });
    if (signal.aborted || stopped) reader.end();
    reader.checkpoint();
    try {
      for (let item = await reader.next(); item !== null; item = await reader.next()) {
        if (item === "behind") return item;
        if (item.kind === "reset") resets.inc({ database: database.name, reason: item.reason });
        yield item;
      }
      return "ended";
    } finally {
      signal.removeEventListener("abort", reader.end);
      reader.end();
      detach(stream, reader);
      readersGauge.dec({ database: database.name });
    }
  }

  async function pollHeads(): Promise<void> {
    const streams = [...tails.keys()];
    for (let from = 0; from < streams.length; from += streamsPerPoll) {
      const heads = await store.readHeads(streams.slice(from, from + streamsPerPoll));
      for (const [stream, head] of heads) tails.get(stream)?.reach(head);
    }
  }

  let poll: NodeJS.Timeout;
  function pollLater(): void {
    poll = setTimeout(
      () => {
        pollHeads()
          .catch((error: unknown) => logger.debug({ err: error }, "the heads of feeds were not read"))
          .finally(() => stopped || pollLater());
      },
      redis.isHealthy() ? pollMs.redisUp : pollMs.redisDown,
    );
    poll.unref();
  }
  pollLater();

  const checkpoints = setInterval(() => {
    for (const tail of tails.values()) for (const reader of tail.readers()) reader.checkpointWhenIdle(checkpointMs);
  }, checkpointTickMs);
  checkpoints.unref();

  lifecycle.onStop(`feeds ${database.name}`, () => {
    stopped = true;
    clearTimeout(poll);
    clearInterval(checkpoints);
    for (const tail of tails.values()) for (const reader of tail.readers()) reader.end();
  });

  return { open };
}
