import type { Transaction } from "@tributary/platform/postgres";
import { and, desc, eq, isNotNull, isNull, lte, type SQL, sql } from "drizzle-orm";
import { inbox, notification } from "../db/schema.ts";
import type { FoldedFields } from "../domain/folding.ts";
import type { MarkSelection, NotificationMark } from "../domain/inbox.ts";
import type { InboxCounts, Notification, NotificationKind } from "../domain/notification.ts";
import { anyOf } from "./any-of.ts";
import { isUnread } from "./inbox-reads.ts";

function selectionSql(selection: MarkSelection): SQL {
  if ("ids" in selection) return anyOf(notification.id, selection.ids);
  if ("taskId" in selection) return eq(notification.taskId, selection.taskId);
  if ("upToRevision" in selection) return lte(notification.revision, selection.upToRevision);
  const { latestAt, id } = selection.upToPlace;
  return sql`(${notification.latestAt}, ${notification.id}) <= (${latestAt.toISOString()}::timestamptz, ${id})`;
}

// `from`: rows that are not marked so yet. Reading is also seeing; a first time seen or read is kept.
const seenNow = (now: Date): SQL => sql`coalesce(${notification.seenAt}, ${now.toISOString()}::timestamptz)`;
const markSql = {
  SEEN: { from: () => isNull(notification.seenAt), set: (now: Date) => ({ seenAt: now }) },
  READ: { from: () => isNull(notification.readAt), set: (now: Date) => ({ readAt: now, seenAt: seenNow(now) }) },
  UNREAD: { from: () => isNotNull(notification.readAt), set: () => ({ readAt: null }) },
  ARCHIVED: { from: () => isNull(notification.archivedAt), set: (now: Date) => ({ archivedAt: now }) },
  UNARCHIVED: { from: () => isNotNull(notification.archivedAt), set: () => ({ archivedAt: null }) },
} as const;

/** All run in a transaction with `app.user_id` set, after `lock`. */
export const inboxWrites = {
  /**
   * One writer per inbox at a time. First statement of the transaction: it draws no transaction id and no outbox position,
   * so revisions, commits and the feed have one order.
   */
  lock: async (tx: Transaction, userId: string): Promise<void> => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`inbox ${userId}`}, 0))`);
  },

  /** The number of the latest change; 0 for an inbox without any. */
  async currentRevision(tx: Transaction, userId: string): Promise<number> {
    const [row] = await tx.select({ revision: inbox.revision }).from(inbox).where(eq(inbox.userId, userId));
    return row?.revision ?? 0;
  },

  /** The number of the change that this transaction is. */
  async nextRevision(tx: Transaction, userId: string): Promise<number> {
    const [row] = await tx
      .insert(inbox)
      .values({ userId, revision: 1 })
      .onConflictDoUpdate({ target: inbox.userId, set: { revision: sql`${inbox.revision} + 1` } })
      .returning();
    if (!row) throw new Error("upsert gave no row");
    return row.revision;
  },

  /** The unread row an event of that kind on that task would join. */
  async findUnread(tx: Transaction, userId: string, kind: NotificationKind, taskId: string): Promise<Notification | null> {
    const [row] = await tx
      .select()
      .from(notification)
      .where(and(eq(notification.userId, userId), eq(notification.kind, kind), eq(notification.taskId, taskId), isUnread()))
      .orderBy(desc(notification.latestAt), desc(notification.id))
      .limit(1);
    return row ?? null;
  },

  insert: async (tx: Transaction, row: Notification): Promise<void> => {
    await tx.insert(notification).values(row);
  },

  fold: async (tx: Transaction, { userId, id }: Notification, fields: FoldedFields & { revision: number }): Promise<void> => {
    await tx
      .update(notification)
      .set(fields)
      .where(and(eq(notification.userId, userId), eq(notification.id, id)));
  },

  /** Marks the selected rows that are not marked so yet; gives their ids. */
  async mark(
    tx: Transaction,
    {
      userId,
      selection,
      mark,
      revision,
      now,
    }: { userId: string; selection: MarkSelection; mark: NotificationMark; revision: number; now: Date },
  ): Promise<string[]> {
    const { from, set } = markSql[mark];
    const changed = await tx
      .update(notification)
      .set({ ...set(now), revision })
      .where(and(eq(notification.userId, userId), selectionSql(selection), from()))
      .returning({ id: notification.id });
    return changed.map(({ id }) => id);
  },

  /** Takes what is about a workspace, or about one project of it, out of the inbox; gives the ids. */
  async remove(tx: Transaction, userId: string, scope: { workspaceId: string; projectId?: string }): Promise<string[]> {
    const ofProject =
      scope.projectId === undefined
        ? undefined
        : sql`${notification.taskId} in (select task_id from task where workspace_id = ${scope.workspaceId} and project_id = ${scope.projectId})`;
    const removed = await tx
      .delete(notification)
      .where(and(eq(notification.userId, userId), eq(notification.workspaceId, scope.workspaceId), ofProject))
      .returning({ id: notification.id });
    return removed.map(({ id }) => id);
  },

  async count(tx: Transaction, userId: string): Promise<InboxCounts> {
    const [counts] = await tx
      .select({
        unread: sql<number>`count(*)::int`,
        unseen: sql<number>`(count(*) filter (where ${notification.seenAt} is null))::int`,
      })
      .from(notification)
      .where(and(eq(notification.userId, userId), isUnread()));
    return counts ?? { unread: 0, unseen: 0 };
  },
};
