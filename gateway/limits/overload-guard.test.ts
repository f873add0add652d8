import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../errors.ts";
import { createOverloadGuard } from "./overload-guard.ts";

test("refuses at once with 503 and Retry-After what is over the limit, and lets the next in when one has left", () => {
  const guard = createOverloadGuard({ maxConcurrent: 2, loopDelayMs: () => 0 });
  const leave = guard.enter();
  guard.enter();
  assert.throws(
    () => guard.enter(),
    (error) => error instanceof RequestError && error.status === 503 && error.headers["retry-after"] === "1",
  );
  leave();
  leave(); // giving a place back twice frees one
  guard.enter();
  assert.throws(() => guard.enter(), RequestError);
});

test("the limit falls while the event loop is late, not below what keeps the processor busy, and grows back", () => {
  let loopDelayMs = 500;
  const guard = createOverloadGuard({ maxConcurrent: 1_000, loopDelayMs: () => loopDelayMs });
  for (let index = 0; index < 200; index++) guard.enter();
  guard.adjust();
  assert.equal(guard.limit, 160);
  for (let index = 0; index < 20; index++) guard.adjust();
  assert.equal(guard.limit, 64);
  loopDelayMs = 5;
  guard.adjust();
  assert.ok(guard.limit > 64);
  for (let index = 0; index < 40; index++) guard.adjust();
  assert.equal(guard.limit, 1_000);
});
