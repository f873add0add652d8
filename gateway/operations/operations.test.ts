import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, getVariableValues } from "graphql";
import { RequestError } from "../errors.ts";
import { defaultOperationLimits } from "../limits/index.ts";
import type { PlanRequest, QueryPlan } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { generationOf } from "../supergraph/testing/generation-of.ts";
import { createOperations } from "./operations.ts";

const schema = buildSchema("type Query { a: Int b: Query secret(x: Int): Int }");

function setUp(
  plan: (request: PlanRequest) => Promise<QueryPlan> = async () => ({ kind: "QueryPlan" }),
  maxRecords = 10,
  maxWeight?: number,
) {
  const planned: PlanRequest[] = [];
  const operations = createOperations({
    planner: {
      plan: (request) => {
        planned.push(request);
        return plan(request);
      },
    },
    limits: defaultOperationLimits,
    hideSuggestions: true,
    maxRecords,
    maxWeight,
  });
  return { operations, planned, first: generationOf(schema, "one"), second: generationOf(schema, "two") };
}

test("makes one record for a document and operation name, and another under another supergraph", () => {
  const { operations, first, second } = setUp();
  const query = "query A { a } query B { a }";
  const record = operations.load({ generation: first, query, operationName: "A" });
  assert.equal(operations.load({ generation: first, query, operationName: "A" }), record);
  assert.notEqual(operations.load({ generation: first, query, operationName: "B" }), record);
  const other = operations.load({ generation: second, query, operationName: "A" });
  assert.notEqual(other, record);
  assert.equal(other.hash, record.hash);
});

test("plans once for concurrent callers, only the operation itself and the fragments it uses", async () => {
  const { operations, planned, first } = setUp();
  const query = "query A { ...F } query B { ...G } fragment F on Query { a } fragment G on Query { b { a } }";
  const record = operations.load({ generation: first, query, operationName: "A" });
  await Promise.all([record.plan(), record.plan()]);
  await record.plan();
  assert.deepEqual(
    planned.map(({ document, operationName }) => [document, operationName]),
    [["query A{...F}fragment F on Query{a}", "A"]],
  );
});

test("plans again after a failure, and an aborted caller does not end the planning of the others", async () => {
  let fail = true;
  const { operations, planned, first } = setUp(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    if (fail) throw new Error("lost");
    return { kind: "QueryPlan" };
  });
  const record = operations.load({ generation: first, query: "{ a }" });
  await assert.rejects(record.plan());
  fail = false;
  const aborting = new AbortController();
  const aborted = record.plan(aborting.signal);
  const patient = record.plan();
  aborting.abort(new Error("gone"));
  await assert.rejects(aborted, { message: "gone" });
  assert.equal((await patient).kind, "QueryPlan");
  assert.equal(planned.length, 2);
});

test("plans once for a hundred documents that differ in literals, spacing, comments and the order of fragments", async () => {
  const { operations, planned, first } = setUp(undefined, 200);
  const shapes = new Set<unknown>();
  for (let index = 0; index < 100; index++) {
    const fragments = ["fragment F on Query { a }", "fragment G on Query { one: secret(x: 1) }"];
    if (index % 2) fragments.reverse();
    const query = `# ${index}\n query Q {${" ".repeat(index)} b { ...F ...G } secret(x: ${index}) } ${fragments.join("\n")}`;
    const { shape, lifted, plan } = operations.load({ generation: first, query });
    assert.deepEqual(Object.values(lifted), [index, 1]);
    await plan();
    shapes.add(shape);
  }
  assert.equal(planned.length, 1);
  assert.equal(shapes.size, 1);
  await operations.load({ generation: first, query: "query Q { secret(x: null) }" }).plan();
  assert.equal(planned.length, 2);
});

test("refuses what is too large before it is validated, and does not suggest names", () => {
  const { operations, first } = setUp();
  const deep = `{ ${"b { ".repeat(13)} nonsense ${"}".repeat(13)} }`;
  assert.throws(() => operations.load({ generation: first, query: deep }), { code: "OPERATION_TOO_COMPLEX" });
  assert.throws(
    () => operations.load({ generation: first, query: "{ secre }" }),
    (error) => error instanceof RequestError && error.code === "GRAPHQL_VALIDATION_FAILED" && !error.message.includes("secret"),
  );
});

test("keeps no more records than it may", () => {
  const { operations, first } = setUp(undefined, 2);
  const record = operations.load({ generation: first, query: "{ a }" });
  operations.load({ generation: first, query: "{ b { a } }" });
  operations.load({ generation: first, query: "{ x: a }" });
  assert.notEqual(operations.load({ generation: first, query: "{ a }" }), record);
});

test("a dense document weighs what it takes in memory, not what its text does", () => {
  const dense = (name: string): string => `query ${name}{${"b{a b{a b{a}}} ".repeat(20)}}`; // 300 characters, 220 tokens
  const { operations, first } = setUp(undefined, 10, 20_000);
  const record = operations.load({ generation: first, query: dense("A") });
  assert.equal(operations.load({ generation: first, query: dense("A") }), record);
  operations.load({ generation: first, query: dense("B") });
  assert.notEqual(operations.load({ generation: first, query: dense("A") }), record);
});

test("keeps no tokens of a document, and tells where a variable is", () => {
  const { operations, first } = setUp();
  const query = "query Q($x: Int = 1) { ...F secret(x: $x) } fragment F on Query { b { a @skip(if: false) } }";
  const { document, operation } = operations.load({ generation: first, query });
  const places: string[] = [];
  JSON.stringify({ document, operation }, (key, value) => {
    if (value && (key === "startToken" || key === "loc")) places.push(`${key} ${value.start}`);
    return value;
  });
  assert.deepEqual(new Set(places), new Set(["loc 8"]));
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], { x: "no" });
  assert.deepEqual(errors?.[0]?.locations, [{ line: 1, column: 9 }]);
});

test("prepares the hottest operations for a new supergraph, and leaves out what it refuses", async () => {
  const { operations, planned, first, second } = setUp();
  const ask = async (of: SupergraphGeneration, query: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await operations.load({ generation: of, query }).plan();
  };
  await ask(first, "{ secret }", 5);
  await ask(first, "{ a }", 4);
  for (const x of [1, 2, 3]) await ask(first, `{ b { secret(x: ${x}) } }`, 1); // three documents of one shape
  await ask(first, "{ b { a } }", 2);
  await ask(first, "{ cold: a }", 1);
  planned.length = 0;
  const compiled: string[] = [];
  const { warmed, skipped } = await operations.warm(first, second, { maxOperations: 4, budgetMs: 60_000 }, (next, before) => {
    compiled.push(`${next.record.generation === second} ${before.record.generation === first}`);
  });
  assert.equal(warmed, 4);
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    planned.map(({ document }) => document.replace(/^query\(.*?\)/, "")),
    ["{secret}", "{a}", "{b{secret(x:$tributaryLiteral0)}}", "{b{a}}"],
  );
  assert.deepEqual(compiled, Array(4).fill("true true"));
  await ask(second, "{ b { secret(x: 99) } }", 1);
  await ask(second, "{ a }", 1);
  assert.equal(planned.length, 4, "the first requests after the swap find their plans");

  const narrower = { ...generationOf(schema, "three"), apiSchema: buildSchema("type Query { a: Int }") };
  const third = await operations.warm(second, narrower, { maxOperations: 10, budgetMs: 60_000 });
  assert.equal(third.warmed, 1);
  assert.deepEqual(
    third.skipped.map(({ record, error }) => [record.query, error instanceof RequestError && error.code]).sort(),
    ["{ b { a } }", "{ b { secret(x: 99) } }", "{ secret }"].map((query) => [query, "GRAPHQL_VALIDATION_FAILED"]),
  );
});

test("stops preparing when its time is over, also in the middle of a plan, and gives requests turns meanwhile", async () => {
  let turns = 0;
  const stuck = new Promise<QueryPlan>(() => {});
  const { operations, first, second } = setUp(async ({ generation: of, document }) => {
    if (of.id === "two" && document.includes("stuck")) return stuck;
    return { kind: "QueryPlan" };
  });
  for (const query of ["{ a }", "{ a }", "{ a }", "{ stuck: a }", "{ stuck: a }", "{ after: a }"]) {
    await operations.load({ generation: first, query }).plan();
  }
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  let isOver = false;
  setImmediate(count);
  const { warmed, skipped } = await operations.warm(first, second, { maxOperations: 10, budgetMs: 1_000 });
  isOver = true;
  assert.deepEqual([warmed, skipped.length], [1, 0]);
  assert.ok(turns > 3);
});
