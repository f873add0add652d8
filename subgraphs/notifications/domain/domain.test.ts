import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdOf, newId, timeOfId } from "@tributary/contracts/ids";
import { claimLeaseMs, isMailed, retryDelayMs } from "./delivery.ts";
import { derivedId } from "./derived-id.ts";
import { kindsOfCategories } from "./notification.ts";
import { mayReadTask } from "./task-access.ts";
import { oneLine } from "./text.ts";

test("a derived id is an id of its kind with the event's time, the same each time and different for each part", () => {
  const eventId = newId("event", Date.UTC(2026, 10, 22, 9, 30, 0, 123));
  const id = derivedId("delivery", eventId, "EMAIL", "usr_1");
  assert.ok(isIdOf("delivery", id), id);
  assert.deepEqual(timeOfId(id), timeOfId(eventId));
  assert.equal(derivedId("delivery", eventId, "EMAIL", "usr_1"), id);
  const others = [derivedId("delivery", eventId, "EMAIL", "usr_2"), derivedId("delivery", newId("event"), "EMAIL", "usr_1")];
  assert.equal(new Set([id, ...others]).size, 3);
});

test("members read what is open to the workspace; guests and private projects take being added", () => {
  const facts = (role: "MEMBER" | "GUEST" | "OWNER" | null, visibility: "WORKSPACE" | "PRIVATE", inProject: boolean) =>
    mayReadTask({ role, visibility, inProject });
  assert.deepEqual(
    [facts("MEMBER", "WORKSPACE", false), facts("MEMBER", "PRIVATE", false), facts("OWNER", "PRIVATE", false)],
    [true, false, false],
  );
  assert.deepEqual([facts("GUEST", "WORKSPACE", false), facts("GUEST", "PRIVATE", true)], [false, true]);
  assert.equal(facts(null, "WORKSPACE", true), false, "no membership, no access");
});

test("texts become one line without control characters, cut at whole letters", () => {
  assert.equal(oneLine("Hello\r\nBcc: all@demo.example\u2028x\0y", 100), "Hello Bcc: all@demo.example x y");
  assert.equal(oneLine("👍👍👍👍", 3), "👍👍…");
});

test("retries wait longer each time, in about half an hour altogether, and never alike", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7].map((attempts) => retryDelayMs(attempts, () => 0));
  assert.deepEqual(longest.slice(0, 3), [16_000, 32_000, 64_000]);
  const totalMs = longest.reduce((sum, delayMs) => sum + delayMs, 0);
  assert.ok(totalMs > 25 * 60_000 && totalMs < 40 * 60_000, String(totalMs));
  assert.equal(
    retryDelayMs(1, () => 1),
    8_000,
  );
  assert.ok(claimLeaseMs < longest[0]!, "a claim has run out before the next attempt");
});

test("a comment that joins an unread row is not mailed again, a mention and an assignment are", () => {
  assert.deepEqual([isMailed("COMMENT_ADDED", false), isMailed("COMMENT_ADDED", true)], [true, false]);
  assert.deepEqual([isMailed("MENTIONED", true), isMailed("TASK_ASSIGNED", true)], [true, true]);
});

test("a category names its kinds", () => {
  assert.deepEqual(kindsOfCategories(["MENTIONS", "COMMENTS"]), ["MENTIONED", "COMMENT_ADDED"]);
});
