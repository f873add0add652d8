import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { applyRewrites } from "./data-rewrites.ts";
import type { DataRewrite } from "./query-plan.ts";

const schema = buildSchema(
  "type Query { n: Node } interface Node { id: ID } type A implements Node { id: ID } type B { id: ID }",
);
const rename = (path: readonly string[], renameKeyTo: string): DataRewrite => ({ kind: "KeyRenamer", path, renameKeyTo });
const set = (path: readonly string[], setValueTo: unknown): DataRewrite => ({ kind: "ValueSetter", path, setValueTo });

for (const [title, rewrite, before, after] of [
  ["renames a field", rename(["a"], "b"), { a: 1, c: 2 }, { b: 1, c: 2 }],
  ["renames what is null", rename(["a"], "b"), { a: null }, { b: null }],
  ["goes on without the field", rename(["a"], "b"), { c: 1 }, { c: 1 }],
  [
    "goes down objects and lists",
    rename(["x", "a"], "b"),
    { x: [[{ a: 1 }], null, { a: 2 }] },
    { x: [[{ b: 1 }], null, { b: 2 }] },
  ],
  ["goes no further than the data", rename(["x", "y", "a"], "b"), { x: { z: 1 } }, { x: { z: 1 } }],
  ["leaves scalars on the way alone", rename(["x", "a"], "b"), { x: "text" }, { x: "text" }],
  ["sets a value", set(["a"], "new"), { a: 1 }, { a: "new" }],
  [
    "sets a value of types of an interface",
    set(["... on Node", "__typename"], "Node"),
    { __typename: "A" },
    { __typename: "Node" },
  ],
  ["leaves other types alone", set(["... on Node", "__typename"], "Node"), { __typename: "B" }, { __typename: "B" }],
  ["takes an object that does not say its type", set(["... on A", "a"], 1), { x: 1 }, { x: 1, a: 1 }],
  ["has nothing to do at the end of a path", set([], 1), { a: 1 }, { a: 1 }],
] as const) {
  test(title, () => {
    const value: unknown = structuredClone(before);
    applyRewrites(schema, [rewrite], value);
    assert.deepEqual(value, after);
  });
}

test("writes own fields, whatever their names", () => {
  const value = JSON.parse('{"__proto__":{"a":1},"b":2}') as Record<string, unknown>;
  applyRewrites(schema, [rename(["b"], "__proto__"), set(["constructor"], 3)], value);
  assert.deepEqual(Object.entries(value), [
    ["__proto__", 2],
    ["constructor", 3],
  ]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});
