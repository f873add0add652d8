import assert from "node:assert/strict";
import { test } from "node:test";
import { Cancellation, toAbortSignal } from "./index.ts";

test("listeners are called once, with the first reason in place", () => {
  const cancellation = new Cancellation();
  const seen: unknown[] = [];
  for (const name of ["a", "b"]) cancellation.addEventListener("abort", () => seen.push([name, cancellation.reason]));
  cancellation.abort("first");
  cancellation.abort("second");
  assert.deepEqual(seen, [
    ["a", "first"],
    ["b", "first"],
  ]);
  assert.throws(
    () => cancellation.throwIfAborted(),
    (reason) => reason === "first",
  );
});

test("who has left is not called, whatever the order of leaving", () => {
  const cancellation = new Cancellation();
  const called: string[] = [];
  const listeners = ["a", "b", "c", "d"].map((name) => () => void called.push(name));
  for (const listener of listeners) cancellation.addEventListener("abort", listener);
  for (const index of [1, 3, 1]) cancellation.removeEventListener("abort", listeners[index]!);
  cancellation.abort("over");
  assert.deepEqual(called.sort(), ["a", "c"]);
});

test("a listener that leaves or comes while others are called is heeded", () => {
  const cancellation = new Cancellation();
  let calls = 0;
  const second = (): void => void calls++;
  cancellation.addEventListener("abort", () => {
    cancellation.removeEventListener("abort", second);
    cancellation.addEventListener("abort", second);
  });
  cancellation.addEventListener("abort", second);
  cancellation.abort("over");
  assert.equal(calls, 0);
});

test("an AbortSignal follows, also one that is made afterwards", () => {
  const cancellation = new Cancellation();
  const before = toAbortSignal(cancellation);
  assert.equal(before.aborted, false);
  cancellation.abort("over");
  assert.equal(before.reason, "over");
  assert.equal(toAbortSignal(cancellation).reason, "over");
  assert.equal(toAbortSignal(before), before);
});
