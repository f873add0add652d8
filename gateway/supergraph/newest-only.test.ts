import assert from "node:assert/strict";
import { test } from "node:test";
import { createNewestOnly } from "./newest-only.ts";

test("of what comes while one is worked on only the newest gets its turn, and never two at a time", async () => {
  const worked: number[] = [];
  const turns: PromiseWithResolvers<void>[] = [];
  const newest = createNewestOnly((item: number) => {
    worked.push(item);
    const turn = Promise.withResolvers<void>();
    turns.push(turn);
    return turn.promise;
  });
  await newest.done();
  for (const item of [1, 2, 3, 4]) newest.add(item);
  assert.deepEqual(worked, [1]);
  const done = newest.done();
  turns[0]!.resolve();
  await turns[0]!.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(worked, [1, 4]);
  turns[1]!.resolve();
  await done;
  newest.add(5);
  assert.deepEqual(worked, [1, 4, 5]);
});
