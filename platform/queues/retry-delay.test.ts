import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs } from "./job-worker.ts";

test("delays double, half of each is random, and none is longer than an hour", () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => retryDelayMs(failures, 100, () => 1)),
    [100, 200, 400, 800],
  );
  assert.equal(
    retryDelayMs(3, 100, () => 0),
    200,
  );
  assert.equal(
    retryDelayMs(60, 100, () => 1),
    3_600_000,
  );
});
