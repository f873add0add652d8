import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoundedQueue } from "./bounded-queue.ts";

test("gives items in order and ends after the last one", async () => {
  const queue = createBoundedQueue<number>(10, () => new Error("overflow"));
  queue.push(1);
  const items = queue.items();
  assert.deepEqual(await items.next(), { value: 1, done: false });
  const waiting = items.next();
  queue.push(2);
  queue.end();
  queue.push(3);
  assert.deepEqual(await waiting, { value: 2, done: false });
  assert.deepEqual(await items.next(), { value: undefined, done: true });
});

test("gives a reader that falls behind what waits, then the overflow", async () => {
  const queue = createBoundedQueue<number>(2, () => new Error("overflow"));
  for (const item of [1, 2, 3]) queue.push(item);
  const items = queue.items();
  assert.equal((await items.next()).value, 1);
  assert.equal((await items.next()).value, 2);
  await assert.rejects(items.next(), { message: "overflow" });
});
