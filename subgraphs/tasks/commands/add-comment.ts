import { newId, timeOfId } from "@tributary/contracts/ids";
import { inputFault } from "@tributary/platform/errors";
import { idempotent } from "@tributary/platform/idempotency";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canComment } from "../domain/policies.ts";
import type { Comment } from "../domain/project.ts";
import { checkUnicode, excerptOf } from "../domain/text-rules.ts";
import { taskNotFound } from "../errors.ts";
import { insertComment } from "../repositories/comment-repository.ts";
import { lockTask, patchTask } from "../repositories/task-repository.ts";
import { inWorkspaceOfTask } from "./change-task.ts";
import type { CommandContext } from "./command-context.ts";
import { checkReaders, distinct } from "./task-checks.ts";
import { aboutTask, afterImage } from "./task-events.ts";

export type AddCommentInput = {
  readonly taskId: string;
  readonly body: string;
  readonly mentionIds?: readonly string[] | null;
  readonly idempotencyKey?: string | null;
};

const idPath = ["input", "taskId"];

/** Adds a comment; gives it, or its id where an equal request has added it before. @throws UserFault */
export async function addComment(context: CommandContext, input: AddCommentInput): Promise<Comment | { id: string }> {
  if (input.body.trim() === "") throw inputFault("INVALID", "This must not be empty.", ["input", "body"]);
  checkUnicode(input.body, ["input", "body"]);
  const mentionIds = distinct(input.mentionIds, limits.mentions, ["input", "mentionIds"]);
  const { idempotencyKey, ...hashed } = input;
  return inWorkspaceOfTask(context, { taskId: input.taskId, idPath }, async (tx, { workspaceId }) => {
    let made: Comment | undefined;
    const { id } = await idempotent(tx, {
      principal: context.userId,
      field: "addComment",
      key: idempotencyKey,
      input: hashed,
      run: async () => {
        made = await insert(tx, context.userId, workspaceId, { ...input, mentionIds });
        return { id: made.id };
      },
    });
    return made ?? { id };
  });
}

async function insert(
  tx: Transaction,
  userId: string,
  workspaceId: string,
  { taskId, body, mentionIds }: AddCommentInput & { mentionIds: readonly string[] },
): Promise<Comment> {
  const locked = await lockTask(tx, { workspaceId, taskId, userId });
  if (!locked || !canComment(locked)) throw taskNotFound(idPath);
  await checkReaders(tx, locked.task, mentionIds, ["input", "mentionIds"]);
  const id = newId("comment");
  const createdAt = timeOfId(id).toISOString();
  const comment = await insertComment(tx, { workspaceId, id, taskId, authorId: userId, body, mentionIds, createdAt });
  // A comment is a change of its task: feeds tell what is new by the task's version.
  const patch = { commentCount: locked.task.commentCount + 1 };
  const note = { kind: "COMMENT_ADDED", actorId: userId, changes: [] } as const;
  const task = await patchTask(tx, locked.task, { patch, note, now: createdAt });
  const data = {
    ...afterImage(task, []),
    commentId: id,
    excerpt: excerptOf(body),
    mentionIds: [...mentionIds],
    authorId: userId,
  };
  await appendEvents(tx, [{ ...aboutTask(task, { type: "user", id: userId }), type: "comment.added", data }]);
  return comment;
}
