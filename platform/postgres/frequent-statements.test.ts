import assert from "node:assert/strict";
import { test } from "node:test";
import { createFrequentStatements } from "./frequent-statements.ts";

test("a text is frequent from its tenth use, and stays so", () => {
  const { isFrequent } = createFrequentStatements();
  assert.deepEqual(
    Array.from({ length: 12 }, () => isFrequent("select 1")),
    [...Array.from({ length: 9 }, () => false), true, true, true],
  );
});

test("a flood of texts that are used once does not push out one that comes again and again", () => {
  const { isFrequent } = createFrequentStatements({ minUses: 3, maxFrequent: 2, maxCounted: 4 });
  const answers: boolean[] = [];
  for (let n = 0; n < 20; n++) {
    isFrequent(`once ${n}`);
    answers.push(isFrequent("again"));
  }
  assert.equal(answers.at(-1), true);
});

test("there are never more than the most allowed", () => {
  const { isFrequent } = createFrequentStatements({ minUses: 1, maxFrequent: 2 });
  assert.deepEqual(["a", "b", "c", "a"].map(isFrequent), [true, true, false, true]);
});
