import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { noCache } from "../source/cache.ts";
import { loadOperations } from "./load-operations.ts";
import type { OperationText } from "./manifests.ts";
import { createValidity } from "./validity.ts";

const place = { files: "operations/*.graphql", client: "web", version: "1" };
const set = (...texts: OperationText[]) => [{ place, texts }];
const schema = buildSchema("type Query { tasks(first: Int): [Int], count: Int }");

test("operations that differ in a literal count once and are validated each", () => {
  const small = { file: "operations/a.graphql", text: "query Tasks { tasks(first: 20) }" };
  const huge = { file: "operations/b.graphql", text: "query Tasks { tasks(first: 3000000000) }" };
  const { operations } = loadOperations({ head: set(small, huge), base: undefined }, undefined);
  assert.equal(operations.length, 1);
  const faults = createValidity(schema, "", noCache).faultsOf(operations[0]!);
  assert.match(faults[0]?.message ?? "", /non 32-bit signed integer value: 3000000000/);
  assert.equal(faults[0]?.nodes?.[0]?.loc?.source.name, "operations/b.graphql");
  const alone = loadOperations({ head: set(small), base: undefined }, undefined);
  assert.deepEqual(createValidity(schema, "", noCache).faultsOf(alone.operations[0]!), []);
});

test("a literal that only the base has is still sent", () => {
  const now = { file: "operations/a.graphql", text: "query Tasks { tasks(first: 20) }" };
  const before = { file: "operations/a.graphql", text: "query Tasks { tasks(first: 50) }" };
  const [operation] = loadOperations({ head: set(now), base: set(before) }, undefined).operations;
  assert.deepEqual([operation?.inHead, operation?.isNew, operation?.variants.length], [true, false, 1]);
  assert.equal(operation?.variants[0]?.document.definitions[0]?.loc?.source.name, "operations/a.graphql (base)");
});

test("an operation is new when neither the base nor traffic has it", () => {
  const old = { file: "operations/a.graphql", text: "{ count }" };
  const added = { file: "operations/b.graphql", text: "query Added { count }" };
  const isNew = (base: ReturnType<typeof set> | undefined) =>
    loadOperations({ head: set(old, added), base }, undefined).operations.map((one) => [one.name.split(" ")[0], one.isNew]);
  assert.deepEqual(
    new Map(isNew(set(old)) as [string, boolean][]),
    new Map([
      ["anonymous", false],
      ["Added", true],
    ]),
  );
  assert.ok(isNew(undefined).every(([, value]) => value === false));
});
