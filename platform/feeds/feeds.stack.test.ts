import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConsistency } from "@tributary/contracts/consistency";
import { feedStream } from "../outbox/index.ts";
import { draft, startOutboxStack, until } from "../outbox/test-outbox.ts";
import { trimFeeds } from "../outbox/trim-feeds.ts";
import { feedHeadSql } from "./feed-head.ts";
import { createFeedHub, type FeedHub } from "./feed-hub.ts";
import type { FeedItem } from "./feed-item.ts";

const { stack, openProcess, openSession, query, stop } = await startOutboxStack();
test.after(stop);
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => index + from);

/** Collects what a reader is given, until it ends. */
function read(hub: FeedHub, stream: string, afterSeq: number | null) {
  const items: FeedItem[] = [];
  const ending = new AbortController();
  const done = (async () => {
    for await (const item of hub.open({ stream, afterSeq, signal: ending.signal })) items.push(item);
  })();
  return {
    items,
    done,
    /** The only item, where the feed could not go on. */
    reset: async () => {
      await until(() => items.at(-1)?.kind === "reset");
      await done;
      return items;
    },
    seqs: () => items.flatMap((item) => (item.kind === "event" ? [item.seq] : [])),
    live: () => items.some((item) => item.kind === "checkpoint" && item.caughtUp),
    end: () => {
      ending.abort();
      return done;
    },
  };
}

const main = openProcess();
main.relay();
const hub = createFeedHub(main);
const write = async (stream: string, count: number, from = 1): Promise<void> => {
  for (const number of upTo(count, from)) await main.append(draft(number, stream));
};
/** The replica, where feeds are read, has what the test did to the tables. */
async function replicated(): Promise<void> {
  const [row] = await query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn");
  const behind = "select 1 from pg_stat_replication where replay_lsn is null or replay_lsn < $1::pg_lsn";
  await until(async () => (await query(behind, [row!.lsn])).length === 0);
}
const published = (stream: string, head: number): Promise<void> =>
  until(async () => (await query("select 1 from feed_stream where stream = $1 and head >= $2", [stream, head])).length === 1);

test("resumes from a cursor: what was missed, a checkpoint, then what happens", async () => {
  await write("resume", 10);
  await published("resume", 10);
  const reader = read(hub, "resume", 4);
  await until(() => reader.live());
  assert.deepEqual(reader.seqs(), upTo(6, 5));
  assert.deepEqual(reader.items.at(-1), { kind: "checkpoint", seq: 10, caughtUp: true });
  await write("resume", 5, 11);
  await until(() => reader.seqs().length === 11);
  assert.deepEqual(reader.seqs(), upTo(11, 5));
  const event = reader.items.at(-1)!;
  assert.ok(event.kind === "event" && event.event.aggregate.version === 15 && event.consistency.get("tasks")! > 0n);
  await reader.end();
});

test("without a cursor starts from the head; a feed nobody has written to starts at 0", async () => {
  const reader = read(hub, "fresh", null);
  await until(() => reader.live());
  assert.deepEqual(reader.items, [{ kind: "checkpoint", seq: 0, caughtUp: true }]);
  await write("fresh", 3);
  await until(() => reader.seqs().length === 3);
  await until(async () => (await headOnReplica("fresh")) === 3); // the head is read wherever the rest of a page is
  const later = read(hub, "fresh", null);
  await until(() => later.live());
  assert.deepEqual(later.seqs(), []);
  await Promise.all([reader.end(), later.end()]);
});

const headOnReplica = (stream: string): Promise<number | undefined> =>
  main.database.session(emptyConsistency).read(async (db) => {
    const [row] = await db
      .select({ head: feedHeadSql(stream) })
      .from(feedStream)
      .limit(1);
    return row?.head;
  });

test("feedHeadSql gives the number a subscription goes on from", async () => {
  const rows = await main.database.transaction({}, (tx) =>
    tx
      .select({ head: feedHeadSql("resume") })
      .from(feedStream)
      .limit(1),
  );
  assert.equal(rows[0]?.head, 15);
});

test("the reader is told of an event, and does not wait for the poll", async () => {
  const reader = read(hub, "quick", null);
  await until(() => reader.live());
  const filledBefore = await main.metric("feed_filled_total");
  for (const number of upTo(50)) {
    await main.append(draft(number, "quick"));
    await until(() => reader.seqs().length === number);
  }
  const filled = (await main.metric("feed_filled_total")) - filledBefore;
  assert.ok(filled < 25, `${filled} of 50 were found by the poll`);
  await reader.end();
});

test("FLUSHALL loses no event: readers see every number once, in order", async () => {
  const [reader, late] = [read(hub, "flush", 0), read(hub, "flush", 0)];
  await until(() => reader.live());
  const redis = main.redis();
  const writing = write("flush", 200);
  for (const _ of upTo(10)) {
    await redis.flushall();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await writing;
  await until(() => reader.seqs().length >= 200 && late.seqs().length >= 200);
  assert.deepEqual(reader.seqs(), upTo(200));
  assert.deepEqual(late.seqs(), upTo(200));
  await Promise.all([reader.end(), late.end()]);
});

test("a hole in Redis is filled from Postgres", async () => {
  const reader = read(hub, "hole", 0);
  await until(() => reader.live());
  await main.append(draft(1, "hole"));
  await until(() => reader.seqs().length === 1);
  // What a relay does that reaches Postgres and not Redis.
  await query(
    "insert into feed_event select stream, seq + 1, 'evt_2', envelope, position from feed_event where stream = 'hole' and seq = 1",
  );
  await query("update feed_stream set head = 2 where stream = 'hole'");
  await main.append(draft(3, "hole"));
  await until(() => reader.seqs().length === 3);
  assert.deepEqual(reader.seqs(), [1, 2, 3]);
  assert.ok((await main.metric("feed_filled_total")) >= 2);
  await reader.end();
});

test("with Redis down events still arrive, and nothing is lost when it returns", async () => {
  const reader = read(hub, "outage", 0);
  await until(() => reader.live());
  await write("outage", 5);
  await until(() => reader.seqs().length === 5);
  await stack.kill("redis");
  await write("outage", 20, 6);
  await until(() => reader.seqs().length === 25, 5_000);
  const opened = read(hub, "outage", 3);
  await until(() => opened.seqs().length === 22);
  await stack.restart("redis");
  await write("outage", 20, 26);
  await until(() => reader.seqs().length === 45 && opened.seqs().length === 42);
  assert.deepEqual(reader.seqs(), upTo(45));
  assert.deepEqual(opened.seqs(), upTo(42, 4));
  await Promise.all([reader.end(), opened.end()]);
});

test("while Redis hangs events arrive within two seconds, and none is lost when it answers again", async () => {
  const reader = read(hub, "hang", 0);
  await until(() => reader.live());
  await write("hang", 2);
  await until(() => reader.seqs().length === 2);
  let isAsleep = true;
  const asleep = main
    .redis()
    .call("DEBUG", "SLEEP", "5")
    .then(() => {
      isAsleep = false;
    });
  await write("hang", 10, 3);
  await until(() => reader.seqs().length === 12, 2_500);
  assert.equal(isAsleep, true, "neither commits nor readers wait for Redis");
  await asleep;
  await write("hang", 10, 13);
  await until(() => reader.seqs().length === 22, 5_000);
  assert.deepEqual(reader.seqs(), upTo(22));
  await reader.end();
});

test("a cursor older than what is kept gets CURSOR_EXPIRED, from every way of losing the past", async () => {
  await write("trim", 30);
  await published("trim", 30);
  const session = await openSession();
  await trimFeeds(
    { query: async (text, values = []) => (await session.query(text, [...values])).rows, signal: new AbortController().signal },
    10,
  );
  assert.deepEqual(await query("select trimmed::int from feed_stream where stream = 'trim'"), [{ trimmed: 20 }]);
  await replicated();
  const expired = read(hub, "trim", 19);
  assert.deepEqual(await expired.reset(), [{ kind: "reset", seq: 30, reason: "CURSOR_EXPIRED" }]);
  const kept = read(hub, "trim", 20);
  await until(() => kept.live());
  assert.deepEqual(kept.seqs(), upTo(10, 21));
  await kept.end();

  await query("delete from feed_event where stream = 'trim'"); // a dropped partition
  await replicated();
  const gone = read(hub, "trim", 25);
  assert.deepEqual(await gone.reset(), [{ kind: "reset", seq: 30, reason: "CURSOR_EXPIRED" }]);
  const atHead = read(hub, "trim", 30);
  await until(() => atHead.live());
  assert.deepEqual(atHead.seqs(), []);
  await atHead.end();

  const invented = read(hub, "trim", 31); // a cursor of a feed that was restored from a backup
  assert.deepEqual(await invented.reset(), [{ kind: "reset", seq: 30, reason: "CURSOR_EXPIRED" }]);
});

test("an event older than seven days counts as no longer kept", async () => {
  await write("old", 2);
  await published("old", 2);
  await query(
    `update feed_event set envelope = jsonb_set(envelope, '{occurredAt}', '"2020-01-01T00:00:00.000Z"') where stream = 'old' and seq = 1`,
  );
  await replicated();
  const expired = read(hub, "old", 0);
  assert.equal((await expired.reset()).length, 1);
  const recent = read(hub, "old", 1);
  await until(() => recent.live());
  assert.deepEqual(recent.seqs(), [2]);
  await recent.end();
});

test("a reader that does not keep up is reset and can resume without a hole; others notice nothing", async () => {
  const other = openProcess();
  const impatient = createFeedHub({ ...other, maxBehindMs: 100 });
  const quick = read(hub, "slow", 0);
  const ending = new AbortController();
  const slow = impatient.open({ stream: "slow", afterSeq: 0, signal: ending.signal })[Symbol.asyncIterator]();
  assert.deepEqual((await slow.next()).value, { kind: "checkpoint", seq: 0, caughtUp: true });
  await until(() => quick.live());
  await main.append(...upTo(400).map((number) => draft(number, "slow")));
  await until(() => quick.seqs().length === 400);
  const allowedUntilMs = performance.now() + 150;
  await until(() => performance.now() > allowedUntilMs);
  const taken: FeedItem[] = [];
  for (let item = await slow.next(); !item.done; item = await slow.next()) taken.push(item.value);
  const reset = taken.at(-1)!;
  assert.deepEqual(reset, { kind: "reset", seq: 256, reason: "SLOW_CONSUMER" });
  assert.deepEqual(
    taken.flatMap((item) => (item.kind === "event" ? [item.seq] : [])),
    upTo(256),
  );
  const resumed = read(hub, "slow", reset.seq);
  await until(() => resumed.live());
  assert.deepEqual(resumed.seqs(), upTo(144, 257));
  assert.deepEqual(quick.seqs(), upTo(400));
  await Promise.all([quick.end(), resumed.end(), other.stop()]);
});

test("a burst larger than a reader's queue resets nobody who goes on reading", async () => {
  const seqs: number[] = [];
  const ending = new AbortController();
  const reading = (async () => {
    for await (const item of hub.open({ stream: "burst", afterSeq: 0, signal: ending.signal })) {
      assert.notEqual(item.kind, "reset");
      if (item.kind === "event") seqs.push(item.seq);
      if (seqs.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1)); // as a resolver that asks a database
    }
  })();
  await main.append(...upTo(1_500).map((number) => draft(number, "burst")));
  await until(() => seqs.length === 1_500);
  assert.deepEqual(seqs, upTo(1_500));
  ending.abort();
  await reading;
});

test("many readers of many feeds share one blocking connection and miss nothing while feeds come and go", async () => {
  const streams = upTo(40).map((number) => `many ${number}`);
  const readers = streams.map((stream) => read(hub, stream, 0));
  const passing = setInterval(() => {
    const brief = read(hub, `brief ${Math.random()}`, null);
    setTimeout(() => void brief.end(), 20);
  }, 5);
  for (const number of upTo(10)) await main.append(...streams.map((stream) => draft(number, stream)));
  await until(() => readers.every((reader) => reader.seqs().length === 10));
  clearInterval(passing);
  for (const reader of readers) assert.deepEqual(reader.seqs(), upTo(10));
  const clients = String(await main.redis().client("LIST"));
  assert.equal(clients.split("\n").filter((line) => line.includes("name=tributary-stream-reader")).length, 1);
  await Promise.all(readers.map((reader) => reader.end()));
});

test("a reader ends at once when its signal is aborted, and the gauge goes back", async () => {
  const reader = read(hub, "abort", null);
  await until(() => reader.live());
  await reader.end();
  await until(async () => (await main.metric("feed_readers")) === 0);
});
