import { appendEvents } from "@tributary/platform/outbox";
import type { DatabaseSession } from "@tributary/platform/postgres";
import type { MarkSelection, NotificationMark } from "../domain/inbox.ts";
import type { InboxCounts } from "../domain/notification.ts";
import { inboxWrites } from "../repositories/inbox-writes.ts";
import { changedEvents } from "./end-access.ts";

export type Marked = { readonly changed: number; readonly counts: InboxCounts };

/** Marks rows of the user's own inbox. Where none changes, nothing is emitted. */
export const markNotifications = (
  session: DatabaseSession,
  { userId, selection, mark }: { userId: string; selection: MarkSelection; mark: NotificationMark },
): Promise<Marked> =>
  session.transaction({ userId }, async (tx) => {
    await inboxWrites.lock(tx, userId);
    const revision = (await inboxWrites.currentRevision(tx, userId)) + 1;
    const ids = await inboxWrites.mark(tx, { userId, selection, mark, revision, now: new Date() });
    if (ids.length > 0) {
      await inboxWrites.nextRevision(tx, userId);
      await appendEvents(tx, changedEvents({ userId, ids, revision, actor: { type: "user", id: userId } }));
    }
    return { changed: ids.length, counts: await inboxWrites.count(tx, userId) };
  });
