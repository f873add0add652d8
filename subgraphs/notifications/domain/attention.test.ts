import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventOf } from "@tributary/contracts/events";
import { attentionToAssignment, attentionToComment } from "./attention.ts";

const actor = { type: "user", id: "usr_actor" } as const;
const aboutTask = { taskId: "tsk_1", projectId: "prj_1", identifier: "APP-1", title: "Chart" };

const assigned = (userIds: string[]) => ({ data: { ...aboutTask, userIds }, actor }) as EventOf<"task.assigned">;
const commented = (mentionIds: string[], authorId: string = actor.id) => ({
  actor,
  data: { ...aboutTask, status: "TODO", assigneeIds: [], changes: [], commentId: "cmt_1", excerpt: "", mentionIds, authorId },
});
const watching = (...userIds: string[]) => userIds.map((userId) => ({ userId, level: "WATCHING" as const }));

test("all assigned begin to follow the task, and all but the one who did it are told", () => {
  assert.deepEqual(attentionToAssignment(assigned(["usr_a", actor.id, "usr_a"])), [
    { userId: "usr_a", participates: true, kind: "TASK_ASSIGNED" },
    { userId: actor.id, participates: true, kind: null },
  ]);
});

test("a mention beats the comment for one recipient", () => {
  assert.deepEqual(attentionToComment(commented(["usr_a", "usr_a"]), watching("usr_a", "usr_b")), [
    { userId: "usr_a", participates: false, kind: "MENTIONED" },
    { userId: "usr_b", participates: false, kind: "COMMENT_ADDED" },
  ]);
});

test("neither the author nor the actor is told of their own comment, mentioned or watching", () => {
  const event = commented(["usr_author", actor.id], "usr_author");
  assert.deepEqual(attentionToComment(event, watching("usr_author", actor.id)), []);
});

test("who has muted a task is told of a mention and of nothing else", () => {
  const muted = [
    { userId: "usr_a", level: "MUTED" as const },
    { userId: "usr_b", level: "MUTED" as const },
    { userId: "usr_c", level: "PARTICIPATING" as const },
  ];
  assert.deepEqual(
    attentionToComment(commented(["usr_a"]), muted).map(({ userId, kind }) => [userId, kind]),
    [
      ["usr_a", "MENTIONED"],
      ["usr_c", "COMMENT_ADDED"],
    ],
  );
});
