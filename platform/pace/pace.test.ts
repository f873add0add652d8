import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "./pace.ts";

/** A pace over a clock that only its work moves, and the rests it takes. */
function pacedWork() {
  let atMs = 0;
  const rests: number[] = [];
  const sleep = async (ms: number): Promise<void> => void rests.push(ms);
  const pace = createPace({ now: () => atMs, sleep });
  const work = (ms: number) => pace(() => (atMs += ms));
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
