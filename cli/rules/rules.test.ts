import assert from "node:assert/strict";
import { test } from "node:test";
import { corpus } from "./corpus.ts";
import { rules } from "./rules.ts";

/** Told by commands or by files no example holds; their own tests give them. */
const withoutExample = [
  "APPROVAL_EXPIRED",
  "APPROVAL_UNUSED",
  "APPROVAL_TOO_NARROW",
  "BASE_DOES_NOT_COMPOSE",
  "FED_REFERENCE_RESOLVER_MISSING",
  "SUBGRAPH_URL_CHANGED",
  "OPERATION_BROKEN",
  "PLAN_IMPOSSIBLE",
];

test("every rule has an example that the corpus runs", () => {
  const shown = new Set(corpus.map(({ rule }) => rule));
  assert.deepEqual(
    rules
      .filter(({ id }) => !shown.has(id))
      .map(({ id }) => id)
      .sort(),
    [...withoutExample].sort(),
  );
});

test("every rule is told once", () => {
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
});
