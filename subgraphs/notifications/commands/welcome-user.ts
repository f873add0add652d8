import type { EventOf } from "@tributary/contracts/events";
import { consumeOnce } from "@tributary/platform/outbox";
import type { Database } from "@tributary/platform/postgres";
import { inboxWrites } from "../repositories/inbox-writes.ts";
import { userProfileRepository } from "../repositories/user-profile-repository.ts";
import { notify } from "./notify.ts";

/** Welcomes a new user, once: their first notification and a mail. */
export const welcomeUser = (database: Database, event: EventOf<"user.registered">): Promise<void> => {
  const { userId, displayName, email, timeZone, locale } = event.data;
  return database.transaction({ userId }, async (tx) => {
    await inboxWrites.lock(tx, userId);
    const profile = { userId, displayName, avatarUrl: null, email, timeZone, locale, version: event.aggregate.version };
    await userProfileRepository.save(tx, profile);
    if (!(await consumeOnce(tx, `attention/${userId}`, event.id))) return;
    const nothing = { workspaceId: null, taskId: null, commentId: null, actorId: null, excerpt: null };
    await notify(tx, event, {
      userId,
      draft: { kind: "WELCOME", ...nothing, title: "Welcome to Tributary", occurredAt: new Date(event.occurredAt) },
      content: { template: "WELCOME" },
    });
  });
};
