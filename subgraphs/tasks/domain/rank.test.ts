import assert from "node:assert/strict";
import { test } from "node:test";
import { firstRanks, liesBetween, rankBetween, someRankBetween } from "./rank.ts";

test("a rank lies strictly between its neighbours, however often the same place is split", () => {
  let [lower, upper] = [rankBetween(null, null), rankBetween(rankBetween(null, null), null)];
  for (let round = 0; round < 500; round++) {
    const middle = rankBetween(lower, upper);
    assert.ok(lower < middle && middle < upper);
    if (round % 2) lower = middle;
    else upper = middle;
  }
  assert.ok(upper.length < 300, String(upper.length));
});

test("appending stays short, and comparing bytes is comparing places", () => {
  let last: string | null = null;
  const made: string[] = [];
  for (let index = 0; index < 5_000; index++) {
    last = rankBetween(last, null);
    made.push(last);
  }
  assert.deepEqual([...made].sort(), made);
  assert.ok(made.at(-1)!.length <= 5);
});

test("a random rank lies between too, at either end and in the narrowest gap", () => {
  const [a, b] = firstRanks(2);
  for (const random of [() => 0, () => 0.5, () => 0.999]) {
    for (const [lower, upper] of [
      [null, null],
      [null, a!],
      [b!, null],
      [a!, b!],
      [a!, rankBetween(a!, b!)],
    ] as const) {
      assert.ok(liesBetween(someRankBetween(lower, upper, random), lower, upper));
    }
  }
  assert.equal(liesBetween(a!, a!, b!), false);
});
