import { sql } from "drizzle-orm";
import { date, index, integer, jsonb, pgTable, primaryKey, smallint, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FieldChange } from "../domain/task.ts";
import { idList, moment, workspaceId } from "./columns.ts";

export const task = pgTable(
  "task",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    projectId: text("project_id").notNull(),
    identifier: text("identifier").notNull(),
    title: text("title").notNull(),
    description: text("description"),
    status: text("status").notNull(),
    /** 0 NONE to 4 URGENT: a number, because lists are sorted by it. */
    priority: smallint("priority").notNull(),
    rank: text("rank").notNull(),
    dueDate: date("due_date", { mode: "string" }),
    creatorId: text("creator_id").notNull(),
    parentId: text("parent_id"),
    assigneeIds: idList("assignee_ids"),
    labelIds: idList("label_ids"),
    // Counters of what hangs below, kept by the commands that change it: lists show them for every row.
    commentCount: integer("comment_count").notNull().default(0),
    /** Subtasks that are not canceled. */
    subtaskTotal: integer("subtask_total").notNull().default(0),
    subtaskDone: integer("subtask_done").notNull().default(0),
    lifecycle: text("lifecycle").notNull().default("ACTIVE"),
    version: integer("version").notNull().default(1),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    completedAt: moment("completed_at"),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    uniqueIndex("task_identifier").on(table.workspaceId, table.identifier),
    // Two moves to one place at one time meet here, and one of them is tried again.
    uniqueIndex("task_rank_in_project").on(table.workspaceId, table.projectId, table.rank),
    index("task_rank").on(table.workspaceId, table.rank, table.id),
    index("task_status").on(table.workspaceId, table.projectId, table.status, table.rank),
    index("task_parent").on(table.workspaceId, table.parentId, table.rank).where(sql`parent_id is not null`),
    index("task_updated").on(table.workspaceId, table.updatedAt, table.id),
    // No date sorts as the last of all days: one range of one index, and one row comparison in a cursor.
    index("task_due").on(table.workspaceId, sql`coalesce(due_date, 'infinity'::date)`, table.id),
    index("task_priority").on(table.workspaceId, table.priority, table.id),
    index("task_creator").on(table.workspaceId, table.creatorId),
    // Without a pending list: a reader would have to walk it.
    index("task_assignees").using("gin", table.assigneeIds).with({ fastupdate: false }),
    index("task_labels").using("gin", table.labelIds).with({ fastupdate: false }),
  ],
);

/** `task` waits for `blockedBy`. */
export const taskDependency = pgTable(
  "task_dependency",
  {
    workspaceId: workspaceId(),
    taskId: text("task_id").notNull(),
    blockedById: text("blocked_by_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.taskId, table.blockedById] }),
    index("task_dependency_reverse").on(table.workspaceId, table.blockedById, table.taskId),
  ],
);

export const comment = pgTable(
  "comment",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    taskId: text("task_id").notNull(),
    authorId: text("author_id").notNull(),
    body: text("body").notNull(),
    mentionIds: idList("mention_ids"),
    version: integer("version").notNull().default(1),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    index("comment_by_task").on(table.workspaceId, table.taskId, table.id),
  ],
);

/** What was done to tasks, for people. Append-only; partitioned by month on its id. */
export const activity = pgTable(
  "activity",
  {
    workspaceId: workspaceId(),
    taskId: text("task_id").notNull(),
    id: text("id").notNull(),
    kind: text("kind").notNull(),
    actorId: text("actor_id").notNull(),
    changes: jsonb("changes").$type<readonly FieldChange[]>().notNull(),
    occurredAt: moment("occurred_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.taskId, table.id] })],
);
