import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConsistency, formatWalPosition, mergeConsistency, parseConsistency, parseWalPosition } from "./consistency.ts";

test("positions survive the way through text", () => {
  for (const text of ["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"]) assert.equal(formatWalPosition(parseWalPosition(text)), text);
  for (const text of ["", "1", "1/", "G/1", "1/2/3", "123456789/0"]) assert.throws(() => parseWalPosition(text), SyntaxError);
});

test("merging keeps the later position of each database", () => {
  const merged = mergeConsistency(
    parseConsistency("tasks=0/A,users=1/0"),
    parseConsistency("tasks=0/9,notifications=0/1,users=1/1"),
  );
  assert.equal(formatConsistency(merged), "notifications=0/1,tasks=0/A,users=1/1");
});

test("what does not parse is left out, and a long header is cut", () => {
  assert.equal(formatConsistency(parseConsistency("tasks=0/A,nonsense,__proto__=0/1,x=zz/1")), "tasks=0/A");
  const many = Array.from(
    { length: 100 },
    (_, index) => `${"abcdefghijklmnopqrst"[index % 20]}${"a".repeat(index / 20)}=0/1`,
  ).join(",");
  assert.equal(parseConsistency(many).size, 16);
});
