import type { Notification, NotificationDraft } from "./notification.ts";

/** What folding changes in a row. */
export type FoldedFields = Pick<Notification, "count" | "commentId" | "actorId" | "title" | "excerpt" | "seenAt" | "latestAt">;

/** True where the event joins the row: same kind, same task, neither read nor archived. What is about no task never folds. */
export const foldsInto = (row: Notification, draft: NotificationDraft): boolean =>
  draft.taskId !== null &&
  row.taskId === draft.taskId &&
  row.kind === draft.kind &&
  row.readAt === null &&
  row.archivedAt === null;

/** The row's fields once the event is folded in. It tells of the latest event; one that arrives late only counts. */
export function fold(row: Notification, draft: NotificationDraft): FoldedFields {
  const latest =
    draft.occurredAt >= row.latestAt
      ? {
          commentId: draft.commentId,
          actorId: draft.actorId,
          title: draft.title,
          excerpt: draft.excerpt,
          latestAt: draft.occurredAt,
        }
      : { commentId: row.commentId, actorId: row.actorId, title: row.title, excerpt: row.excerpt, latestAt: row.latestAt };
  return { ...latest, count: row.count + 1, seenAt: null };
}
