export const taskStatuses = ["BACKLOG", "TODO", "IN_PROGRESS", "IN_REVIEW", "DONE", "CANCELED"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** In rising order: the index is what the database keeps and sorts by. */
export const taskPriorities = ["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"] as const;
export type TaskPriority = (typeof taskPriorities)[number];
export const priorityNumber = (priority: TaskPriority): number => taskPriorities.indexOf(priority);

export type TaskField =
  | "TITLE"
  | "DESCRIPTION"
  | "STATUS"
  | "PRIORITY"
  | "DUE_DATE"
  | "RANK"
  | "ASSIGNEES"
  | "LABELS"
  | "PARENT"
  | "DEPENDENCIES";
export type FieldChange = { readonly field: TaskField; readonly before: string | null; readonly after: string | null };

export type TaskEventKind = "TASK_CREATED" | "TASK_UPDATED" | "TASK_MOVED" | "TASK_COMPLETED" | "TASK_REOPENED" | "COMMENT_ADDED";

/** One thing that was done to a task. */
export type Activity = {
  readonly workspaceId: string;
  readonly taskId: string;
  readonly id: string;
  readonly kind: TaskEventKind;
  readonly actorId: string;
  readonly changes: readonly FieldChange[];
  readonly occurredAt: string;
};

/** A task as its row has it. Moments are texts of Postgres, exact to the millisecond; days are `YYYY-MM-DD`. */
export type Task = {
  readonly workspaceId: string;
  readonly id: string;
  readonly projectId: string;
  readonly identifier: string;
  readonly title: string;
  readonly description: string | null;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  readonly rank: string;
  readonly dueDate: string | null;
  readonly creatorId: string;
  readonly parentId: string | null;
  readonly assigneeIds: readonly string[];
  readonly labelIds: readonly string[];
  readonly commentCount: number;
  readonly subtaskTotal: number;
  readonly subtaskDone: number;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | null;
};

export const closedStatuses: readonly TaskStatus[] = ["DONE", "CANCELED"];
export const openStatuses: readonly TaskStatus[] = taskStatuses.filter((status) => !closedStatuses.includes(status));
export const isClosed = (status: TaskStatus): boolean => closedStatuses.includes(status);

/** What a task adds to the progress of its parent: canceled work is no work. */
export const progressOf = (status: TaskStatus): { readonly done: number; readonly total: number } => ({
  done: status === "DONE" ? 1 : 0,
  total: status === "CANCELED" ? 0 : 1,
});
