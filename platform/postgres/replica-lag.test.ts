import assert from "node:assert/strict";
import { test } from "node:test";
import { createReplicaLag } from "./replica-lag.ts";

test("a replica is behind since the primary passed it, however long the primary was idle before", () => {
  const lag = createReplicaLag();
  lag.sample(100n, 0);
  lag.sample(100n, 60_000);
  assert.equal(lag.milliseconds(100n, 60_000), 0);
  lag.sample(150n, 60_500);
  lag.sample(200n, 61_000);
  assert.deepEqual([lag.milliseconds(100n, 61_200), lag.bytes(100n)], [700, 100]);
  assert.deepEqual([lag.milliseconds(150n, 61_200), lag.bytes(150n)], [200, 50]);
  assert.deepEqual([lag.milliseconds(201n, 61_200), lag.bytes(201n)], [0, 0]);
});

test("memory is bounded: beyond it the lag counts from the oldest sample", () => {
  const lag = createReplicaLag({ maxSamples: 2 });
  for (let second = 1; second <= 10; second++) lag.sample(BigInt(second), second * 1_000);
  assert.equal(lag.milliseconds(1n, 10_000), 1_000);
});
