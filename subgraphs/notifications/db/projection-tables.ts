import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

// Copies of what other subgraphs own, fed by their events. `version` is the owner's: what is not newer is ignored.

export const userProfile = pgTable("user_profile", {
  userId: text("user_id").primaryKey(),
  displayName: text("display_name").notNull(),
  avatarUrl: text("avatar_url"),
  email: text("email").notNull(),
  timeZone: text("time_zone").notNull(),
  locale: text("locale").notNull(),
  version: integer("version").notNull(),
});

/** A removed membership stays as a row, so that a late grant of an older version does not bring it back. */
export const workspaceMember = pgTable(
  "workspace_member",
  {
    workspaceId: text("workspace_id").notNull(),
    membershipId: text("membership_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role", { enum: ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"] }).notNull(),
    removedAt: moment("removed_at"),
    version: integer("version").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.membershipId] }),
    index("workspace_member_user").on(table.workspaceId, table.userId),
  ],
);

export const project = pgTable(
  "project",
  {
    workspaceId: text("workspace_id").notNull(),
    projectId: text("project_id").notNull(),
    visibility: text("visibility", { enum: ["WORKSPACE", "PRIVATE"] }).notNull(),
    version: integer("version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.projectId] })],
);

export const projectMember = pgTable(
  "project_member",
  {
    workspaceId: text("workspace_id").notNull(),
    projectId: text("project_id").notNull(),
    userId: text("user_id").notNull(),
    /** False once removed; the row stays for its version. */
    present: boolean("present").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.projectId, table.userId] })],
);

export const task = pgTable(
  "task",
  {
    workspaceId: text("workspace_id").notNull(),
    taskId: text("task_id").notNull(),
    projectId: text("project_id").notNull(),
    identifier: text("identifier").notNull(),
    title: text("title").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.taskId] }),
    index("task_id").on(table.taskId),
    index("task_project").on(table.workspaceId, table.projectId),
  ],
);
