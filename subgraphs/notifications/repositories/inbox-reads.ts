import { userStream } from "@tributary/contracts/cursors";
import { feedHeadSql } from "@tributary/platform/feeds";
import type { ReadDatabase } from "@tributary/platform/postgres";
import { and, desc, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import { inbox, notification } from "../db/schema.ts";
import type { InboxHead, InboxPage, InboxPlace, InboxQuery, InboxState } from "../domain/inbox.ts";
import type { InboxCounts, Notification } from "../domain/notification.ts";
import { anyOf } from "./any-of.ts";

/** Neither read nor archived: the words of the partial index. */
export const isUnread = (): SQL => and(isNull(notification.readAt), isNull(notification.archivedAt))!;

const stateSql: Readonly<Record<InboxState, () => SQL>> = {
  UNREAD: isUnread,
  ALL: () => isNull(notification.archivedAt),
  ARCHIVED: () => isNotNull(notification.archivedAt),
};

const countColumns = {
  unread: sql<number>`count(*)::int`.as("unread"),
  unseen: sql<number>`(count(*) filter (where ${notification.seenAt} is null))::int`.as("unseen"),
};
const headColumns = (userId: string) => ({
  seq: feedHeadSql(userStream(userId)),
  revision: sql<number>`coalesce((select ${inbox.revision} from ${inbox} where ${inbox.userId} = ${userId}), 0)`.mapWith(Number),
});

export const inboxReads = {
  /** The page, the counts and the feed's head, in one statement and so in one snapshot. At most `limit` rows. */
  async findPage(
    db: ReadDatabase,
    { userId, query, after, limit }: { userId: string; query: InboxQuery; after: InboxPlace | null; limit: number },
  ): Promise<InboxPage> {
    const counts = db
      .select(countColumns)
      .from(notification)
      .where(and(eq(notification.userId, userId), isUnread()))
      .as("counts");
    const page = db
      .select()
      .from(notification)
      .where(
        and(
          eq(notification.userId, userId),
          stateSql[query.state](),
          query.workspaceId === null ? undefined : eq(notification.workspaceId, query.workspaceId),
          query.taskId === null ? undefined : eq(notification.taskId, query.taskId),
          query.kinds === null ? undefined : anyOf(notification.kind, query.kinds),
          after
            ? sql`(${notification.latestAt}, ${notification.id}) < (${after.latestAt.toISOString()}::timestamptz, ${after.id})`
            : undefined,
        ),
      )
      .orderBy(desc(notification.latestAt), desc(notification.id))
      .limit(limit)
      .as("page");
    const found = await db
      .select({ counts: { unread: counts.unread, unseen: counts.unseen }, head: headColumns(userId), row: page._.selectedFields })
      .from(counts)
      .leftJoin(page, sql`true`)
      .orderBy(desc(page.latestAt), desc(page.id));
    const [first] = found;
    if (!first) throw new Error("an aggregate gave no row");
    return { counts: first.counts, head: first.head, rows: found.flatMap(({ row }) => (row ? [row] : [])) };
  },

  /** Where the inbox and its feed stand: of no event yet, both are 0. */
  async findHead(db: ReadDatabase, userId: string): Promise<InboxHead> {
    const [head] = await db.select(headColumns(userId)).from(sql`(select 1) as one`);
    if (!head) throw new Error("a constant gave no row");
    return head;
  },

  async findCounts(db: ReadDatabase, userId: string): Promise<InboxCounts> {
    const [counts] = await db
      .select(countColumns)
      .from(notification)
      .where(and(eq(notification.userId, userId), isUnread()));
    return counts ?? { unread: 0, unseen: 0 };
  },

  /** The user's own rows of these ids, in no order. */
  findByIds: (db: ReadDatabase, userId: string, ids: readonly string[]): Promise<Notification[]> =>
    db
      .select()
      .from(notification)
      .where(and(eq(notification.userId, userId), anyOf(notification.id, ids))),
};
