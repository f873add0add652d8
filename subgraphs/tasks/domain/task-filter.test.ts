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

test("moments are one text each, and none that the database would refuse", () => {
  const from = (text: string) => normalizeFilter({ updatedAt: { from: text } }).updatedAt?.from;
  assert.equal(from("2026-01-01T00:30:00+23:00"), "2025-12-31T01:30:00.000Z");
  assert.equal(from("2025-12-31T01:30:00Z"), from("2026-01-01T00:30:00+23:00"));
  assert.throws(() => from("0001-01-01T00:00:00+01:00"), { code: "BAD_USER_INPUT" });
  assert.throws(() => from("9999-12-31T23:59:59-01:00"), { code: "BAD_USER_INPUT" });
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
