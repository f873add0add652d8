import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { defaultOperationLimits } from "../limits/index.ts";
import { PlanningError } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { generationOf } from "../supergraph/testing/generation-of.ts";
import { createOperations } from "./operations.ts";

const schema = buildSchema(
  "directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT type Query { a(x: Int): Int b: Query }",
);
const generation = generationOf(schema);

function setUp(refuses: (id: string, document: string) => boolean = () => false) {
  const planned: string[] = [];
  const operations = createOperations({
    planner: {
      async plan({ document, generation: { id } }) {
        planned.push(document);
        if (refuses(id, document)) throw new PlanningError("refused", "no plan in parts");
        return { kind: "QueryPlan" };
      },
    },
    limits: defaultOperationLimits,
    hideSuggestions: true,
  });
  return { operations, planned, load: (query: string, of = generation) => operations.load({ generation: of, query }) };
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

const limits = { maxOperations: 10, budgetMs: 60_000 };
const conditional = "query ($p: Boolean = true, $q: Boolean!) { a ... @defer(if: $p) { c: a } ... @defer(if: $q) { b { a } } }";

test("after a swap the parts in use need no planner, and what was compiled of them is compiled", async () => {
  const { operations, planned, load } = setUp();
  const next = generationOf(schema, "two");
  const values = [{ p: true, q: true }, { p: false, q: true }, { q: false }] as const; // the last: the default defers `p` alone
  for (const variables of values) await load(conditional).shape.deferred?.(variables)?.plan();
  load(conditional).shape.deferred?.({ p: false, q: false });
  load("{ a ... @defer { b { a } } }").shape.deferred?.({}); // asked for, not planned
  const compiled: (readonly [unknown, unknown])[] = [];
  await operations.warm(generation, next, limits, (after, before) => void compiled.push([after.record, before.record]));
  planned.length = 0;
  for (const variables of values) await load(conditional, next).shape.deferred?.(variables)?.plan();
  await load(conditional, next).plan();
  assert.deepEqual(planned, []);
  const operationOf = (of: SupergraphGeneration, variables: Readonly<Record<string, unknown>>) =>
    load(conditional, of).shape.deferred?.(variables)?.operation;
  assert.deepEqual(
    new Set(compiled),
    new Set(values.map((variables) => [operationOf(next, variables), operationOf(generation, variables)] as const)),
  );
  await load("{ a ... @defer { b { a } } }", next).shape.deferred?.({})?.plan();
  assert.equal(planned.length, 1, "what nobody had a plan for is not planned ahead");
});

test("an operation that has no plan in parts any more is ready as a whole", async () => {
  const { operations, planned, load } = setUp((id, document) => id === "two" && document.includes("@defer"));
  await load(conditional).shape.deferred?.({ p: true, q: true })?.plan();
  const { warmed, skipped } = await operations.warm(generation, generationOf(schema, "two"), limits);
  assert.deepEqual([warmed, skipped.map(({ record }) => record.query)], [1, [conditional]]);
  assert.equal(planned.length, 3);
});
