import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import type { FeedEvent } from "./feed-item.ts";
import { createFeedReader } from "./feed-reader.ts";
import type { FeedPage, FeedStore, Freshness } from "./feed-store.ts";
import { createFeedTail } from "./feed-tail.ts";

const logger = pino({ level: "silent" });
const eventOf = (seq: number): FeedEvent => ({
  kind: "event",
  seq,
  event: {} as FeedEvent["event"],
  consistency: new Map([["tasks", 7n]]),
});

/** A tail after 10 with one reader; `answers` are the pages the store gives, in turn. */
function tailWith(answers: (FeedPage | Error)[], asked: Freshness[] = []) {
  const store: FeedStore = {
    readPage: async ({ freshness = "any" }) => {
      asked.push(freshness);
      const answer = answers.shift() ?? { kind: "beyond", head: 0 };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    readHeads: async () => new Map(),
  };
  const tail = createFeedTail({ stream: "s", afterSeq: 10, store, logger, onFilled: () => undefined });
  const reader = createFeedReader(10, () => tail.detach(reader));
  tail.attach(reader, 10);
  return { tail, reader, asked };
}

async function take(reader: ReturnType<typeof createFeedReader>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  while (taken.length < count) {
    const item = await reader.next();
    taken.push(item === null || item === "behind" ? item : item.kind === "event" ? item.seq : item.kind);
  }
  return taken;
}

test("gives events in order and each once, whatever Redis repeats", async () => {
  const { tail, reader } = tailWith([]);
  for (const seq of [11, 11, 10, 12, 9, 12, 13]) tail.offer(eventOf(seq));
  assert.deepEqual(await take(reader, 3), [11, 12, 13]);
});

test("fills a hole before it goes on, from a server that has reached the later event", async () => {
  const { tail, reader, asked } = tailWith([{ kind: "events", events: [11, 12, 13].map(eventOf), head: 13 }]);
  tail.offer(eventOf(13));
  assert.deepEqual(await take(reader, 3), [11, 12, 13]);
  assert.deepEqual(asked, [new Map([["tasks", 7n]])]);
});

test("asks the primary when a server twice had nothing, and again after a failure", async () => {
  const nothing: FeedPage = { kind: "events", events: [], head: 10 };
  const { tail, reader, asked } = tailWith([
    nothing,
    new Error("down"),
    nothing,
    { kind: "events", events: [eventOf(11)], head: 11 },
  ]);
  tail.reach(11);
  assert.deepEqual(await take(reader, 1), [11]);
  assert.deepEqual(asked, ["any", "any", "any", "primary"]);
});

test("a hole that can no longer be filled ends its readers with CURSOR_EXPIRED", async () => {
  const { tail, reader } = tailWith([{ kind: "expired", head: 20 }]);
  tail.offer(eventOf(20));
  assert.deepEqual(await reader.next(), { kind: "reset", seq: 10, reason: "CURSOR_EXPIRED" });
  assert.equal(await reader.next(), null);
  assert.equal(tail.readers().size, 0);
});

test("a reader that is a little behind joins at once, one far behind must read for itself", async () => {
  const { tail } = tailWith([]);
  for (let seq = 11; seq <= 300; seq++) tail.offer(eventOf(seq));
  const near = createFeedReader(290, () => undefined);
  assert.ok(tail.attach(near, 290));
  assert.deepEqual(await take(near, 10), [291, 292, 293, 294, 295, 296, 297, 298, 299, 300]);
  assert.ok(
    !tail.attach(
      createFeedReader(100, () => undefined),
      100,
    ),
  );
});

test("a reader holds 256 items, then tells that it is behind and where", async () => {
  const { tail, reader } = tailWith([]);
  for (let seq = 11; seq <= 400; seq++) tail.offer(eventOf(seq));
  assert.equal(tail.readers().size, 0);
  const taken = await take(reader, 257);
  assert.equal(taken.at(-2), 266);
  assert.equal(taken.at(-1), "behind");
  assert.equal(reader.seq(), 266);
});
