import assert from "node:assert/strict";
import { test } from "node:test";
import { createArgumentLoader, createKeyedLoader, groupBy } from "./keyed-loader.ts";

test("keeps the order of the keys and gives `none` for an unknown one", async () => {
  const loader = createKeyedLoader(
    async () =>
      new Map([
        ["b", 2],
        ["a", 1],
      ]),
    null,
  );
  assert.deepEqual(await loader.loadMany(["a", "missing", "b"]), [1, null, 2]);
});

test("keys with equal arguments go in one batch, others in another", async () => {
  const batches: [readonly string[], number][] = [];
  const loader = createArgumentLoader(
    async (keys, { first }: { first: number }) => {
      batches.push([keys, first]);
      return new Map(keys.map((key) => [key, first]));
    },
    () => 0,
  );
  const loaded = await Promise.all([
    loader.load("a", { first: 1 }),
    loader.load("b", { first: 1 }),
    loader.load("a", { first: 2 }),
  ]);
  assert.deepEqual(loaded, [1, 1, 2]);
  assert.deepEqual(batches, [
    [["a", "b"], 1],
    [["a"], 2],
  ]);
});

test("groups keep the order of the rows", () => {
  const rows = ["b1", "a1", "b2"];
  const groups = groupBy(
    rows,
    (row) => row[0]!,
    (row) => row[1]!,
  );
  assert.deepEqual(
    [...groups],
    [
      ["b", ["1", "2"]],
      ["a", ["1"]],
    ],
  );
});
