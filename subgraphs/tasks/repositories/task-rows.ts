import { type SQL, sql } from "drizzle-orm";
import { type Task, type TaskStatus, taskPriorities } from "../domain/task.ts";
import { readIds } from "./rows.ts";

/** The columns of a task, as `toTask` reads them; the table goes by `t`. */
export const taskColumns = sql.raw(
  [
    "workspace_id",
    "id",
    "project_id",
    "identifier",
    "title",
    "description",
    "status",
    "priority",
    "rank",
    "due_date",
    "creator_id",
    "parent_id",
    "comment_count",
    "subtask_total",
    "subtask_done",
    "version",
    "created_at",
    "updated_at",
    "completed_at",
  ]
    .map((column) => `t.${column}`)
    // As text: `readIds` takes our plain ids apart faster than a driver's parser of any array.
    .concat("t.assignee_ids::text", "t.label_ids::text")
    .join(", "),
);

export type TaskRow = {
  readonly workspace_id: string;
  readonly id: string;
  readonly project_id: string;
  readonly identifier: string;
  readonly title: string;
  readonly description: string | null;
  readonly status: TaskStatus;
  readonly priority: number;
  readonly rank: string;
  readonly due_date: string | null;
  readonly creator_id: string;
  readonly parent_id: string | null;
  readonly assignee_ids: unknown;
  readonly label_ids: unknown;
  readonly comment_count: number;
  readonly subtask_total: number;
  readonly subtask_done: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at: string | null;
};

export const toTask = (row: TaskRow): Task => ({
  workspaceId: row.workspace_id,
  id: row.id,
  projectId: row.project_id,
  identifier: row.identifier,
  title: row.title,
  description: row.description,
  status: row.status,
  priority: taskPriorities[row.priority]!,
  rank: row.rank,
  dueDate: row.due_date,
  creatorId: row.creator_id,
  parentId: row.parent_id,
  assigneeIds: readIds(row.assignee_ids),
  labelIds: readIds(row.label_ids),
  commentCount: row.comment_count,
  subtaskTotal: row.subtask_total,
  subtaskDone: row.subtask_done,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  completedAt: row.completed_at,
});

const closed = "('DONE', 'CANCELED')";
/** True for open tasks; `table` is the alias in the statement. */
export const isOpen = (table: "t" | "b"): SQL => sql.raw(`${table}.status not in ${closed}`);
