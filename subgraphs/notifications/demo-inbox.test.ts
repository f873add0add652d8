import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdOf } from "@tributary/contracts/ids";
import { demoNotifications, demoWatches } from "./demo-inbox.ts";

test("the demo inboxes are the same each time: 1,000 notifications, 120 unread, none of which would have been folded", () => {
  const rows = demoNotifications();
  assert.deepEqual(demoNotifications(), rows);
  assert.equal(rows.length, 1_000);
  const unread = rows.filter(({ readAt, archivedAt }) => readAt === null && archivedAt === null);
  assert.equal(unread.length, 120);
  assert.equal(new Set(unread.map(({ userId, kind, taskId }) => `${userId} ${kind} ${taskId}`)).size, 120);
  assert.equal(new Set(rows.map(({ id }) => id)).size, 1_000);
  assert.ok(rows.every(({ id }) => isIdOf("notification", id)));
  assert.ok(rows.every(({ userId, actorId }) => userId !== actorId));
  assert.ok(rows.every(({ latestAt }) => latestAt.getTime() < Date.UTC(2026, 10, 1)));
});

test("a person watches a task once", () => {
  const watches = demoWatches();
  assert.equal(watches.length, 1_500);
  assert.equal(new Set(watches.map(({ taskId, userId }) => `${taskId} ${userId}`)).size, 1_500);
});
