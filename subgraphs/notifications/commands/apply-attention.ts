import type { EventOf } from "@tributary/contracts/events";
import { consumeOnce } from "@tributary/platform/outbox";
import type { Database } from "@tributary/platform/postgres";
import type { Attention } from "../domain/attention.ts";
import { oneLine } from "../domain/text.ts";
import { accessRepository } from "../repositories/access-repository.ts";
import { inboxWrites } from "../repositories/inbox-writes.ts";
import { watchRepository } from "../repositories/watch-repository.ts";
import { notify } from "./notify.ts";

const maxTitleLength = 600; // an identifier and a task's title, which tasks keeps under 500

export type AttentionInput = {
  readonly event: EventOf<"task.assigned" | "comment.added">;
  readonly workspaceId: string;
  readonly attention: Attention;
  /** For the mail; null where nobody acted. */
  readonly actorName: string | null;
};

/**
 * What an event means for one person, once: they follow the task, get the notification and its mail. Nothing where they may
 * not read the task, looked up in the same transaction and under the inbox's lock, which the loss of access takes as well.
 * One transaction for each person: a crowd of watchers holds no long one, and a repeated event goes on where it stopped.
 */
export async function applyAttention(
  database: Database,
  { event, workspaceId, attention, actorName }: AttentionInput,
): Promise<void> {
  const { userId, participates, kind } = attention;
  const { taskId, projectId, identifier, title } = event.data;
  const occurredAt = new Date(event.occurredAt);
  await database.transaction({ userId, workspaceId }, async (tx) => {
    await inboxWrites.lock(tx, userId);
    if (!(await consumeOnce(tx, `attention/${userId}`, event.id))) return;
    if (!(await accessRepository.mayReadProject(tx, { workspaceId, projectId }, userId))) return;
    if (participates) await watchRepository.participate(tx, { workspaceId, taskId }, userId, occurredAt);
    if (kind === null || kind === "WELCOME") return;
    const comment = event.type === "comment.added" ? event.data : null;
    const excerpt = comment && oneLine(comment.excerpt, 300);
    const shownTitle = oneLine(`${identifier} ${title}`, maxTitleLength);
    await notify(tx, event, {
      userId,
      draft: {
        kind,
        workspaceId,
        taskId,
        commentId: comment?.commentId ?? null,
        actorId: event.actor.type === "user" ? event.actor.id : null,
        title: shownTitle,
        excerpt,
        occurredAt,
      },
      content: { template: kind, workspaceId, projectId, taskId, title: shownTitle, excerpt, actorName },
    });
  });
}
