import { userStream } from "@tributary/contracts/cursors";
import type { EventEnvelope } from "@tributary/contracts/events";
import { appendEvents, type EventDraft } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { type DeliveryContent, isMailed } from "../domain/delivery.ts";
import { derivedId } from "../domain/derived-id.ts";
import { fold, foldsInto } from "../domain/folding.ts";
import type { NotificationDraft } from "../domain/notification.ts";
import { deliveryRepository } from "../repositories/delivery-repository.ts";
import { inboxWrites } from "../repositories/inbox-writes.ts";

export type Notice = {
  readonly userId: string;
  readonly draft: NotificationDraft;
  /** What the mail about it is made of. */
  readonly content: DeliveryContent;
};

/**
 * Tells one recipient of an event: a new row in the inbox, or one more in an unread row; the mail about it; the events of both.
 * Runs in a transaction of the recipient that holds the inbox's lock and has recorded the event.
 */
export async function notify(tx: Transaction, event: EventEnvelope, { userId, draft, content }: Notice): Promise<void> {
  const unread = draft.taskId === null ? null : await inboxWrites.findUnread(tx, userId, draft.kind, draft.taskId);
  const joined = unread !== null && foldsInto(unread, draft) ? unread : null;
  const revision = await inboxWrites.nextRevision(tx, userId);
  const id = joined?.id ?? derivedId("notification", event.id, userId);
  if (joined) await inboxWrites.fold(tx, joined, { ...fold(joined, draft), revision });
  else {
    const { occurredAt, ...shown } = draft;
    const fresh = { count: 1, seenAt: null, readAt: null, archivedAt: null };
    await inboxWrites.insert(tx, { ...shown, ...fresh, userId, id, createdAt: occurredAt, latestAt: occurredAt, revision });
  }
  const origin = { workspaceId: draft.workspaceId, actor: event.actor, causationId: event.id };
  const aggregate = { type: "inbox", id: userId, version: revision };
  const stream = userStream(userId);
  const events: EventDraft[] = [
    joined
      ? { type: "notification.changed", ...origin, aggregate, stream, data: { notificationIds: [id] } }
      : { type: "notification.added", ...origin, aggregate, stream, data: { notificationId: id } },
  ];
  if (isMailed(draft.kind, joined !== null))
    events.push(...(await requestMail(tx, event, { recipientId: userId, notificationId: id, content })));
  await appendEvents(tx, events);
}

/** Writes down that a mail is to be sent; gives the event that asks for it, none where the message exists already. */
export async function requestMail(
  tx: Transaction,
  event: EventEnvelope,
  { recipientId, notificationId, content }: { recipientId: string; notificationId: string | null; content: DeliveryContent },
): Promise<EventDraft[]> {
  const id = derivedId("delivery", event.id, "EMAIL", recipientId);
  const row = { recipientId, id, eventId: event.id, channel: "EMAIL" as const, notificationId, content };
  if (!(await deliveryRepository.insert(tx, row, new Date()))) return [];
  return [
    {
      type: "delivery.requested",
      workspaceId: event.workspaceId,
      aggregate: { type: "delivery", id, version: 1 },
      actor: event.actor,
      causationId: event.id,
      data: { deliveryId: id, recipientId },
    },
  ];
}
