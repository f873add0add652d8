import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, foldsInto } from "./folding.ts";
import type { Notification, NotificationDraft } from "./notification.ts";

const row: Notification = {
  userId: "usr_1",
  id: "ntf_1",
  kind: "COMMENT_ADDED",
  workspaceId: "wsp_1",
  taskId: "tsk_1",
  commentId: "cmt_1",
  actorId: "usr_2",
  title: "APP-1 Chart",
  excerpt: "first",
  count: 1,
  seenAt: new Date(5),
  readAt: null,
  archivedAt: null,
  createdAt: new Date(1_000),
  latestAt: new Date(1_000),
  revision: 1,
};
const draft: NotificationDraft = {
  kind: "COMMENT_ADDED",
  workspaceId: "wsp_1",
  taskId: "tsk_1",
  commentId: "cmt_2",
  actorId: "usr_3",
  title: "APP-1 Chart again",
  excerpt: "second",
  occurredAt: new Date(2_000),
};

test("an event joins the unread row of its kind and task, and no other", () => {
  assert.equal(foldsInto(row, draft), true);
  assert.equal(foldsInto({ ...row, readAt: new Date(9) }, draft), false);
  assert.equal(foldsInto({ ...row, archivedAt: new Date(9) }, draft), false);
  assert.equal(foldsInto(row, { ...draft, kind: "MENTIONED" }), false);
  assert.equal(foldsInto(row, { ...draft, taskId: "tsk_2" }), false);
  assert.equal(foldsInto({ ...row, taskId: null }, { ...draft, taskId: null }), false);
});

test("a folded row counts one more, tells of the latest event and is unseen again", () => {
  assert.deepEqual(fold(row, draft), {
    count: 2,
    commentId: "cmt_2",
    actorId: "usr_3",
    title: "APP-1 Chart again",
    excerpt: "second",
    latestAt: new Date(2_000),
    seenAt: null,
  });
});

test("an event that arrives after a later one only counts", () => {
  const late = fold(row, { ...draft, occurredAt: new Date(500) });
  assert.deepEqual([late.count, late.commentId, late.latestAt], [2, "cmt_1", row.latestAt]);
});
