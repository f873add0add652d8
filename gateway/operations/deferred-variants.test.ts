import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { defaultOperationLimits } from "../limits/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { createOperations } from "./operations.ts";

const schema = buildSchema(
  "directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT type Query { a(x: Int): Int b: Query }",
);
const generation: SupergraphGeneration = {
  id: "one",
  sequence: 1,
  supergraphSdl: "",
  apiSchema: schema,
  supergraphSchema: schema,
  subgraphs: new Map(),
  security: { types: new Map(), fields: new Map() },
};

function setUp() {
  const planned: string[] = [];
  const operations = createOperations({
    planner: {
      async plan({ document }) {
        planned.push(document);
        return { kind: "QueryPlan" };
      },
    },
    limits: defaultOperationLimits,
    hideSuggestions: true,
  });
  return { planned, load: (query: string) => operations.load({ generation, query }) };
}

test("the whole operation is planned without @defer, so that any planner can", async () => {
  const { planned, load } = setUp();
  await load("{ a ... @defer { b { ...F @defer } } } fragment F on Query { a }").plan();
  assert.deepEqual(planned, ["{a ...{b{...F}}}fragment F on Query{a}"]);
});

test("parts are planned once for the values of the conditions, whatever the other variables and literals are", async () => {
  const { planned, load } = setUp();
  const query = (x: number): string =>
    `query ($p: Boolean = true, $q: Boolean!, $n: Int) { a(x: ${x}) ... @defer(if: $p) { c: a(x: $n) } ... @defer(if: $q) { b { a } } }`;
  for (const [x, variables] of [
    [1, { p: true, q: true, n: 1 }],
    [2, { p: true, q: true, n: 2 }],
    [3, { p: true, q: false }],
  ] as const) {
    await load(query(x)).shape.deferred?.(variables)?.plan();
  }
  assert.equal(load(query(1)).shape.deferred?.({ p: false, q: false }), undefined, "whole");
  assert.deepEqual(
    planned.map((document) => document.match(/@defer\([^)]*\)/g)),
    [['@defer(label:"d0")', '@defer(label:"d1")'], ['@defer(label:"d0")']],
  );
  assert.equal(load("{ a }").shape.deferred, undefined);
});
