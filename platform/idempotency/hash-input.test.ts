import assert from "node:assert/strict";
import { test } from "node:test";
import { hashInput } from "./hash-input.ts";

test("the order of fields and fields that are undefined make no difference, at any depth", () => {
  assert.equal(hashInput({ a: 1, b: { c: null, d: [1, 2] } }), hashInput({ b: { d: [1, 2], c: null, e: undefined }, a: 1 }));
});

test("inputs that differ in anything else differ", () => {
  const inputs: unknown[] = [
    null,
    {},
    [],
    { a: 1 },
    { a: "1" },
    { a: null },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: { b: 1 } },
    { a: ["b", 1] },
    { a: [["b", 1]] },
    [["a", 1]],
    JSON.parse('{"__proto__":1}'),
  ];
  assert.equal(new Set(inputs.map(hashInput)).size, inputs.length);
});
