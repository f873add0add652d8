import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlacement, type PlaceableConnection } from "./placement.ts";

type Fake = { -readonly [Name in keyof PlaceableConnection]: PlaceableConnection[Name] } & { number: number };

/** Connections that take requests as placed; all that is sent is sent now. */
function setUp({ maxSockets = 64, maxPipelined = 3, keepsConnections = true } = {}) {
  const connections: Fake[] = [];
  let nowMs = 100;
  let opened = 0;
  const open = (): Fake => {
    const fake: Fake = {
      number: opened,
      load: 0,
      oldestMs: nowMs,
      isJoinable: true,
      isStale: () => false,
      isFresh: () => fake.load === 0,
      close: () => void connections.splice(connections.indexOf(fake), 1),
    };
    opened += 1;
    connections.push(fake);
    return fake;
  };
  const placement = createPlacement({ connections, open, maxSockets, maxPipelined });
  if (keepsConnections) placement.learn(nowMs, true);
  return {
    connections,
    placement,
    open,
    at: (ms: number) => {
      nowMs = ms;
      placement.beginRound(ms, ms);
    },
    /** Places a query and gives the number of its connection; -1: it waits. */
    query: () => {
      const chosen = placement.choose(true) as Fake | undefined;
      if (!chosen) return -1;
      if (chosen.load === 0) chosen.oldestMs = nowMs;
      chosen.load += 1;
      return chosen.number;
    },
    mutation: () => {
      const chosen = placement.choose(false) as Fake | undefined;
      if (!chosen) return -1;
      chosen.load = 1;
      chosen.isJoinable = false;
      return chosen.number;
    },
  };
}

const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act);

test("gives eight connections one request each before any gets a second, and then evens them out", () => {
  const { at, query, connections } = setUp();
  at(100);
  assert.deepEqual(times(10, query), [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]);
  connections[5]!.load = 0;
  assert.deepEqual(times(3, query), [5, 2, 3]);
});

test("opens another connection where those there are full, and lets requests wait where there may be no more", () => {
  const { at, query } = setUp({ maxSockets: 9, maxPipelined: 2 });
  at(100);
  assert.deepEqual(times(20, query).slice(16), [8, 8, -1, -1]);
});

test("puts nothing behind a request that has been missing for five milliseconds when the turn began", () => {
  const { at, query } = setUp({ maxSockets: 9 });
  at(100);
  times(8, query);
  at(104.9);
  assert.equal(query(), 0);
  at(105);
  assert.equal(query(), 8);
});

test("puts nothing on a connection that does not take its bytes", () => {
  const { at, query, connections } = setUp({ maxSockets: 1 });
  at(100);
  query();
  connections[0]!.isJoinable = false;
  assert.equal(query(), -1);
  connections[0]!.load = 0;
  assert.equal(query(), -1);
});

test("puts no request behind another until the server has shown that it keeps connections", () => {
  const { at, query, placement } = setUp({ keepsConnections: false });
  at(100);
  assert.deepEqual(times(9, query), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  placement.learn(100, true);
  assert.equal(query(), 0);
  placement.learn(100, false);
  assert.equal(query(), 9);
});

test("puts no request behind another where replies take long, and again when they no longer do", () => {
  const { at, query, placement } = setUp({ maxSockets: 9 });
  at(100);
  times(8, query);
  at(120);
  times(20, () => placement.learn(100, true));
  at(101);
  assert.equal(query(), 8);
  assert.equal(query(), -1);
  times(20, () => placement.learn(101, true));
  assert.equal(query(), 0);
});

test("does not hold our own busy event loop against the server", () => {
  const { at, query, placement } = setUp({ maxSockets: 8 });
  at(100);
  times(8, query);
  times(20, () => placement.learn(100, true)); // read in a turn that began long after, the first since they were sent
  at(200);
  assert.equal(query(), -1);
  at(100);
  assert.equal(query(), 0);
});

test("puts no request behind another for ten seconds after a connection ended under some", (context) => {
  const { at, query, placement } = setUp();
  context.mock.method(performance, "now", () => 100);
  placement.pausePipelining();
  at(10_099);
  assert.deepEqual(times(10, query).slice(8), [8, 9]);
  at(10_100);
  times(10, query);
});

test("gives a mutation a connection that its server has used lately, else a new one, and nothing to go behind it", () => {
  const { at, query, mutation, connections } = setUp({ maxSockets: 3 });
  at(100);
  query();
  assert.equal(mutation(), 1);
  connections[0]!.load = 0;
  assert.equal(mutation(), 0);
  assert.deepEqual(times(4, query), [2, 2, 2, -1]);
  assert.equal(mutation(), -1);
});

test("closes an idle connection where a mutation needs a fresh one and there may be no more", () => {
  const { at, mutation, open, connections } = setUp({ maxSockets: 2 });
  at(100);
  for (const fake of [open(), open()]) fake.isFresh = () => false;
  assert.equal(mutation(), 2);
  assert.deepEqual(
    connections.map(({ number }) => number),
    [1, 2],
  );
});

test("closes connections whose server may be closing them, before the first request of a turn", () => {
  const { at, query, open } = setUp();
  open().isStale = (nowMs) => nowMs >= 4_100;
  at(4_099);
  assert.equal(query(), 0);
  at(4_100);
  assert.equal(query(), 1);
});
