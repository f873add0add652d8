import { priorityNumber, type Task } from "./task.ts";
import type { TaskSort } from "./task-filter.ts";

type SortKey = string | number;

// The id comes last, so no two tasks are equal. It ascends with the time of its making, so it is also the order of creation.
const keys: Readonly<Record<TaskSort["field"], (task: Task) => readonly SortKey[]>> = {
  RANK: (task) => [task.rank, task.id],
  CREATED_AT: (task) => [task.id],
  UPDATED_AT: (task) => [task.updatedAt, task.id],
  DUE_DATE: (task) => [task.dueDate ?? "infinity", task.id], // Postgres' word for a day after all others
  PRIORITY: (task) => [priorityNumber(task.priority), task.id],
};

/** What a task is sorted by, most significant first: the keys that a cursor after it carries. */
export const sortKeysOf = (task: Task, { field }: TaskSort): readonly SortKey[] => keys[field](task);

/** How many keys a cursor of this sort has. */
export const sortKeyCount = ({ field }: TaskSort): number => (field === "CREATED_AT" ? 1 : 2);
