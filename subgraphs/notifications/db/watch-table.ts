import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

export const taskWatch = pgTable(
  "task_watch",
  {
    workspaceId: text("workspace_id").notNull(),
    taskId: text("task_id").notNull(),
    userId: text("user_id").notNull(),
    level: text("level", { enum: ["WATCHING", "PARTICIPATING", "MUTED"] }).notNull(),
    since: moment("since").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.taskId, table.userId] }),
    index("task_watch_since").on(table.workspaceId, table.taskId, table.since, table.userId),
    index("task_watch_user").on(table.workspaceId, table.userId),
  ],
);
