import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoundedLane } from "./bounded-lane.ts";
import { createWakeUp } from "./wake-up.ts";

const never = new AbortController().signal;

test("a lane works in order, one at a time, and refuses what does not fit", async () => {
  const log: string[] = [];
  let release = (): void => undefined;
  const lane = createBoundedLane<string>(10, async (item) => {
    log.push(`start ${item}`);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    log.push(`end ${item}`);
  });
  assert.ok(lane.push("a", 6));
  assert.ok(lane.push("b", 4));
  assert.ok(!lane.push("c", 1));
  const drained = lane.drained();
  release();
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await drained;
  assert.deepEqual(log, ["start a", "end a", "start b", "end b"]);
  assert.ok(lane.push("d", 10));
  release();
  await lane.drained();
});

test("a bell rung while nobody waits is heard by the next wait, once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bell = createWakeUp();
  bell.wake();
  bell.wake();
  await bell.wait(60_000, never);
  let isOver = false;
  const waited = bell.wait(30, never).then(() => {
    isOver = true;
  });
  t.mock.timers.tick(29);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  t.mock.timers.tick(1);
  await waited;
});

test("waiting ends when the bell rings and when the signal is aborted", async () => {
  const bell = createWakeUp();
  const ringing = bell.wait(60_000, never);
  bell.wake();
  await ringing;
  const ending = new AbortController();
  const waiting = bell.wait(60_000, ending.signal);
  ending.abort();
  await waiting;
  await bell.wait(60_000, ending.signal);
});
