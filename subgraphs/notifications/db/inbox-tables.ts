import { sql } from "drizzle-orm";
import { bigint, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

/** One row per inbox: counts its changes, so that "all up to here" has a meaning whatever the times of the rows. */
export const inbox = pgTable("inbox", {
  userId: text("user_id").primaryKey(),
  revision: bigint("revision", { mode: "number" }).notNull(),
});

/** Partitioned by month on the id (see the migrations). */
export const notification = pgTable(
  "notification",
  {
    userId: text("user_id").notNull(),
    id: text("id").notNull(),
    kind: text("kind", { enum: ["WELCOME", "TASK_ASSIGNED", "MENTIONED", "COMMENT_ADDED"] }).notNull(),
    workspaceId: text("workspace_id"),
    taskId: text("task_id"),
    commentId: text("comment_id"),
    actorId: text("actor_id"),
    title: text("title").notNull(),
    excerpt: text("excerpt"),
    count: integer("count").notNull().default(1),
    seenAt: moment("seen_at"),
    readAt: moment("read_at"),
    archivedAt: moment("archived_at"),
    createdAt: moment("created_at").notNull(),
    latestAt: moment("latest_at").notNull(),
    revision: bigint("revision", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    index("notification_latest").on(table.userId, table.latestAt.desc(), table.id.desc()),
    // Small whatever the size of the inbox: serves the counts, the default page and folding.
    index("notification_unread")
      .on(table.userId, table.latestAt.desc(), table.id.desc())
      .where(sql`read_at is null and archived_at is null`),
    index("notification_task").on(table.userId, table.taskId),
  ],
);
