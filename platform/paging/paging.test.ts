import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { AppError } from "../errors/index.ts";
import { createPageCursor, pageSize, toConnection } from "./index.ts";

const codec = createSignedTextCodec("a secret of thirty-two bytes or more");
const refused = (error: unknown) => error instanceof AppError && error.code === "BAD_USER_INPUT";

test("a page has from 1 to max rows", () => {
  assert.deepEqual([pageSize(null, { max: 100, default: 30 }), pageSize(1, { max: 100, default: 30 })], [30, 1]);
  assert.equal(pageSize(100, { max: 100, default: 30 }), 100);
  for (const first of [0, -1, 101, 1.5]) assert.throws(() => pageSize(first, { max: 100, default: 30 }), refused);
});

test("a cursor gives back its keys to the same list only", () => {
  const cursors = createPageCursor(codec);
  const cursor = cursors.encode([12, "tsk_1", null], "filter-a");
  assert.deepEqual(cursors.decode(cursor, "filter-a"), [12, "tsk_1", null]);
  assert.deepEqual(cursors.peek(cursor), [12, "tsk_1", null]);
  assert.throws(() => cursors.decode(cursor, "filter-b"), refused);
  for (const forged of ["", "x.y", codec.seal("feed", "1@user:usr_1"), `${cursor}x`]) {
    assert.throws(() => cursors.decode(forged, "filter-a"), refused);
    assert.equal(cursors.peek(forged), null);
  }
});

test("the row too many tells of a next page and is not shown", () => {
  const cursorOf = (row: number) => `c${row}`;
  const full = toConnection({ rows: [1, 2, 3], size: 2, after: "c0", cursorOf });
  assert.deepEqual(full.nodes, [1, 2]);
  assert.deepEqual(full.pageInfo, { hasNextPage: true, hasPreviousPage: true, startCursor: "c1", endCursor: "c2" });
  const empty = toConnection({ rows: [], size: 2, after: null, cursorOf });
  assert.deepEqual(empty.pageInfo, { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null });
});
