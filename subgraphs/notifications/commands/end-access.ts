import { userStream } from "@tributary/contracts/cursors";
import type { EventEnvelope } from "@tributary/contracts/events";
import { appendEvents, type EventDraft } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { inboxWrites } from "../repositories/inbox-writes.ts";
import { watchRepository } from "../repositories/watch-repository.ts";

const maxIdsPerEvent = 100; // an event of more would be a frame burst of more

/**
 * Takes from a person who lost their way to a workspace, or to one of its projects, the watches and notifications of it.
 * Runs in a transaction of that person and workspace that holds the inbox's lock.
 */
export async function endAccess(
  tx: Transaction,
  event: EventEnvelope,
  userId: string,
  scope: { workspaceId: string; projectId?: string },
): Promise<void> {
  await watchRepository.end(tx, userId, scope);
  const removed = await inboxWrites.remove(tx, userId, scope);
  if (removed.length === 0) return;
  const revision = await inboxWrites.nextRevision(tx, userId);
  await appendEvents(tx, changedEvents({ userId, ids: removed, revision, actor: event.actor, causationId: event.id }));
}

/** The events that tell of changed or removed rows of one inbox, in as many as keep each small. */
export function changedEvents({
  userId,
  ids,
  revision,
  actor,
  causationId = null,
}: {
  userId: string;
  ids: readonly string[];
  revision: number;
  actor: EventEnvelope["actor"];
  causationId?: string | null;
}): EventDraft[] {
  const events: EventDraft[] = [];
  for (let start = 0; start < ids.length; start += maxIdsPerEvent) {
    events.push({
      type: "notification.changed",
      aggregate: { type: "inbox", id: userId, version: revision },
      actor,
      causationId,
      stream: userStream(userId),
      data: { notificationIds: ids.slice(start, start + maxIdsPerEvent) },
    });
  }
  return events;
}
