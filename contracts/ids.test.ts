import assert from "node:assert/strict";
import { test } from "node:test";
import { idAtTime, isIdOf, kindOfId, newId, timeOfId } from "./ids.ts";

test("ids of one process ascend, also within a millisecond and when the clock steps back", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) =>
    newId("task", index % 3 === 0 ? 1_700_000_000_000 : 1_700_000_000_001),
  );
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

test("an id tells its kind and its time", () => {
  const id = newId("workspace", 4_000_000_000_000);
  assert.equal(kindOfId(id), "workspace");
  assert.equal(timeOfId(id).getTime(), 4_000_000_000_000);
});

test("the id bound of a time sorts below every id made from then on, and above those made before", () => {
  const bound = idAtTime("event", new Date(5_000_000_000_000));
  assert.ok(newId("event", 5_000_000_000_000) >= bound);
  assert.ok(idAtTime("event", new Date(4_999_999_999_999)) < bound);
});

test("texts that are not ids of ours have no kind", () => {
  const good = newId("task");
  for (const text of [
    "",
    "tsk_",
    "task_1",
    `${good}0`,
    good.toUpperCase(),
    good.replace("tsk", "xyz"),
    `tsk_8${good.slice(5)}`,
    `tsk_u${good.slice(5)}`,
  ]) {
    assert.equal(kindOfId(text), null, text);
  }
  assert.equal(isIdOf("user", good), false);
});
