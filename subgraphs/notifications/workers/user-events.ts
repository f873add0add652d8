import type { EventOf } from "@tributary/contracts/events";
import { appendEvents } from "@tributary/platform/outbox";
import type { Database } from "@tributary/platform/postgres";
import { requestMail } from "../commands/notify.ts";
import { userProfileRepository } from "../repositories/user-profile-repository.ts";

/** Keeps the names and addresses of users; an older version changes nothing. */
export async function applyProfileEvent(database: Database, event: EventOf<"user.profile_updated">): Promise<void> {
  const { userId, displayName, avatarUrl, email, timeZone, locale } = event.data;
  const profile = { userId, displayName, avatarUrl, email, timeZone, locale, version: event.aggregate.version };
  await database.transaction({ userId }, (tx) => userProfileRepository.save(tx, profile));
}

/** Asks for the mail of an invitation. Its recipient has no account: the invitation stands for them. */
export async function applyInvitationEvent(database: Database, event: EventOf<"invitation.created">): Promise<void> {
  const { invitationId } = event.data;
  const { workspaceId, actor } = event;
  if (workspaceId === null) throw new TypeError(`event ${event.id} has no workspace`);
  const content = { template: "INVITATION" as const, workspaceId, invitationId, inviterId: actor.id };
  await database.transaction({ userId: invitationId }, async (tx) => {
    await appendEvents(tx, await requestMail(tx, event, { recipientId: invitationId, notificationId: null, content }));
  });
}
