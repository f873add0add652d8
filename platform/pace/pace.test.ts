import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "./pace.ts";

/** A pace over a clock that only its work and its rests move; in a rest, others take `othersShare` of the time. */
function pacedWork({ othersShare = 0 } = {}) {
  let atMs = 0;
  let activeMs = 0;
  const rests: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    rests.push(Math.round(ms));
    atMs += ms;
    activeMs += ms * othersShare;
  };
  const pace = createPace({ now: () => atMs, active: () => activeMs, sleep });
  const work = (ms: number) =>
    pace(() => {
      atMs += ms;
      activeMs += ms;
    });
  return { pace, work, rests };
}

test("short pieces are done together, then there is a rest of twice their time", async () => {
  const { work, rests } = pacedWork();
  for (let count = 0; count < 8; count++) await work(0.25);
  assert.deepEqual(rests, [2, 2]);
});

test("a piece that took longer is followed by a longer rest", async () => {
  const { work, rests } = pacedWork();
  await work(5);
  assert.deepEqual(rests, [10]);
});

test("it takes a third of what others leave, and a twelfth where they leave nothing", async () => {
  for (const [othersShare, restMs] of [
    [0.5, 5],
    [0.7, 9],
    [1, 11],
  ] as const) {
    const { work, rests } = pacedWork({ othersShare });
    for (let count = 0; count < 3; count++) await work(1);
    assert.deepEqual(rests, [2, restMs, restMs]); // what others do is not known at first
  }
});

test("a piece gives its value, and its error after the rest", async () => {
  const { pace, work, rests } = pacedWork();
  assert.equal(await pace(() => "made"), "made");
  await work(0.5);
  await assert.rejects(
    pace(() => {
      throw new Error("cannot be made");
    }),
    /cannot be made/,
  );
  await work(0.5);
  assert.deepEqual(rests, [2]);
});
