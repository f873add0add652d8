import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { moment, workspaceId } from "./columns.ts";

export const project = pgTable(
  "project",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    visibility: text("visibility", { enum: ["WORKSPACE", "PRIVATE"] }).notNull(),
    leadId: text("lead_id"),
    creatorId: text("creator_id").notNull(),
    /** The number of the newest task: counted up under this row's lock, so numbers have no holes. */
    lastNumber: integer("last_number").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    uniqueIndex("project_key").on(table.workspaceId, table.key),
    // What a member may not see is looked up with every list: there are few private projects, and this index holds only them.
    index("project_private").on(table.workspaceId, table.id).where(sql`visibility = 'PRIVATE'`),
  ],
);

export const projectMember = pgTable(
  "project_member",
  {
    workspaceId: workspaceId(),
    projectId: text("project_id").notNull(),
    userId: text("user_id").notNull(),
    addedAt: moment("added_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.projectId, table.userId] }),
    index("project_member_by_user").on(table.workspaceId, table.userId, table.projectId),
  ],
);

export const label = pgTable(
  "label",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    color: text("color").notNull(),
    version: integer("version").notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    uniqueIndex("label_name").on(table.workspaceId, sql`lower(${table.name})`),
  ],
);
