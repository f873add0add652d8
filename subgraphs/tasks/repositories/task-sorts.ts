import { type SQL, sql } from "drizzle-orm";
import type { Task } from "../domain/task.ts";
import type { TaskSort } from "../domain/task-filter.ts";
import { dueKey } from "./task-predicates.ts";
import { priorityNumber } from "./task-rows.ts";

type SortKey = string | number;
type SortRule = {
  /** What is compared, most significant first; the id comes last, so no two tasks are equal. */
  readonly columns: readonly SQL[];
  readonly types: readonly string[];
  readonly keysOf: (task: Task) => readonly SortKey[];
};

const id = sql.raw("t.id");
// Each has an index of (workspace_id, columns...): a page costs its own rows, wherever it lies.
const rules: Readonly<Record<TaskSort["field"], SortRule>> = {
  RANK: { columns: [sql.raw("t.rank"), id], types: ["text", "text"], keysOf: (task) => [task.rank, task.id] },
  // Ids ascend with the time of their making.
  CREATED_AT: { columns: [id], types: ["text"], keysOf: (task) => [task.id] },
  UPDATED_AT: {
    columns: [sql.raw("t.updated_at"), id],
    types: ["timestamptz", "text"],
    keysOf: (task) => [task.updatedAt, task.id],
  },
  DUE_DATE: { columns: [dueKey, id], types: ["date", "text"], keysOf: (task) => [task.dueDate ?? "infinity", task.id] },
  PRIORITY: {
    columns: [sql.raw("t.priority"), id],
    types: ["smallint", "text"],
    keysOf: (task) => [priorityNumber(task.priority), task.id],
  },
};

/** The keys a cursor after `task` carries. */
export const sortKeysOf = (task: Task, { field }: TaskSort): readonly SortKey[] => rules[field].keysOf(task);

export function orderBy({ field, direction }: TaskSort): SQL {
  const way = sql.raw(direction === "ASC" ? " asc" : " desc");
  return sql.join(
    rules[field].columns.map((column) => sql`${column}${way}`),
    sql`, `,
  );
}

/** The tasks that come after a cursor's keys; a row comparison, which is one range of the index. */
export function comesAfter({ field, direction }: TaskSort, keys: readonly (SortKey | null)[]): SQL {
  const { columns, types } = rules[field];
  const values = keys.map((key, index) => sql`${String(key)}::${sql.raw(types[index]!)}`);
  const comparison = sql.raw(direction === "ASC" ? ">" : "<");
  return sql`(${sql.join([...columns], sql`, `)}) ${comparison} (${sql.join(values, sql`, `)})`;
}

/** How many keys a cursor of this sort has. */
export const sortKeyCount = ({ field }: TaskSort): number => rules[field].columns.length;
