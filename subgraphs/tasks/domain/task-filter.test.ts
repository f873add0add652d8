import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSort, hashOfList, normalizeFilter, type TaskFilterInput } from "./task-filter.ts";

const hash = (filter: TaskFilterInput, list = "l") => hashOfList(list, normalizeFilter(filter), defaultSort);

test("filters that mean the same are the same, whatever their order, repeats and nulls", () => {
  const one: TaskFilterInput = {
    status: ["TODO", "DONE", "TODO"],
    isRoot: true,
    due: { from: "2026-01-01", until: null },
    blocked: null,
  };
  const two: TaskFilterInput = { due: { from: "2026-01-01" }, isRoot: true, status: ["DONE", "TODO"] };
  assert.equal(hash(one), hash(two));
  assert.equal(hash({}), hashOfList("l", normalizeFilter(null), defaultSort));
});

test("another filter, sort, direction or list is another hash", () => {
  const filters: TaskFilterInput[] = [
    {},
    { status: [] },
    { status: ["TODO"] },
    { isRoot: true },
    { isRoot: false },
    { blocked: true },
    { anyOf: [] },
    { anyOf: [{ isRoot: true }] },
    { assigneeIds: ["a"] },
    { creatorIds: ["a"] },
  ];
  const hashes = filters.map((filter) => hash(filter));
  hashes.push(
    hash({}, "other"),
    hashOfList("l", {}, { field: "RANK", direction: "DESC" }),
    hashOfList("l", {}, { field: "DUE_DATE", direction: "ASC" }),
  );
  assert.equal(new Set(hashes).size, hashes.length);
});

test("a filter is bounded: values, alternatives, one level of them", () => {
  const many = Array.from({ length: 51 }, String);
  const code = { code: "BAD_USER_INPUT" };
  assert.throws(() => normalizeFilter({ labelIds: many }), code);
  assert.throws(() => normalizeFilter({ anyOf: [{ labelIds: many }] }), code);
  assert.throws(() => normalizeFilter({ anyOf: Array.from({ length: 11 }, () => ({})) }), code);
  assert.throws(() => normalizeFilter({ anyOf: [{ anyOf: [] }] }), code);
  assert.ok(normalizeFilter({ labelIds: many.slice(1), anyOf: Array.from({ length: 10 }, () => ({})) }));
});
