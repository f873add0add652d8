import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpus } from "./corpus.ts";
import { describeDifferences } from "./differences.ts";
import { rules } from "./rules.ts";

/** Told by `supergraph doctor` of a running subgraph. */
const withoutExample = ["FED_REFERENCE_RESOLVER_MISSING"];

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

test("the published table of where other tools judge otherwise is true", async () => {
  const written = readFileSync(join(import.meta.dirname, "..", "DIFFERENCES.md"), "utf8");
  assert.equal(written, await describeDifferences(), "run node_modules/.bin/node cli/rules/write-differences.ts");
});
