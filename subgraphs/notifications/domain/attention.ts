import type { EventOf } from "@tributary/contracts/events";
import type { NotificationKind } from "./notification.ts";
import type { WatchLevel } from "./watch.ts";

/** What an event means for one person: whether they begin to follow the task, and what they are told. */
export type Attention = { readonly userId: string; readonly participates: boolean; readonly kind: NotificationKind | null };

/** Everyone assigned follows the task from now on; all but the one who did it are told. */
export const attentionToAssignment = ({ data, actor }: EventOf<"task.assigned">): Attention[] =>
  [...new Set(data.userIds)].map((userId) => ({
    userId,
    participates: true,
    kind: userId === actor.id ? null : "TASK_ASSIGNED",
  }));

/**
 * Those mentioned are told so, muted or not, as it is them who are spoken to; other watchers are told of a comment. Nobody is
 * told twice, and the author and the actor not at all.
 */
export function attentionToComment(
  { data, actor }: Pick<EventOf<"comment.added">, "data" | "actor">,
  watchers: readonly { readonly userId: string; readonly level: WatchLevel }[],
): Attention[] {
  const told = new Set([data.authorId, actor.id]);
  const attentions: Attention[] = [];
  const tell = (userId: string, kind: NotificationKind): void => {
    if (told.has(userId)) return;
    told.add(userId);
    attentions.push({ userId, participates: false, kind });
  };
  for (const userId of data.mentionIds) tell(userId, "MENTIONED");
  for (const { userId, level } of watchers) if (level !== "MUTED") tell(userId, "COMMENT_ADDED");
  return attentions;
}
