import { type SQL, sql } from "drizzle-orm";
import type { TaskSort } from "../domain/task-filter.ts";
import { dueKey } from "./task-predicates.ts";

// What `sortKeysOf` tells of a task, in SQL. Each has an index of (workspace_id, columns...): a page costs its own rows,
// wherever it lies.
const id = { column: sql.raw("t.id"), type: sql.raw("text") };
const columns: Readonly<Record<TaskSort["field"], readonly { readonly column: SQL; readonly type: SQL }[]>> = {
  RANK: [{ column: sql.raw("t.rank"), type: sql.raw("text") }, id],
  CREATED_AT: [id],
  UPDATED_AT: [{ column: sql.raw("t.updated_at"), type: sql.raw("timestamptz") }, id],
  DUE_DATE: [{ column: dueKey, type: sql.raw("date") }, id],
  PRIORITY: [{ column: sql.raw("t.priority"), type: sql.raw("smallint") }, id],
};

export function orderBy({ field, direction }: TaskSort): SQL {
  const way = sql.raw(direction === "ASC" ? " asc" : " desc");
  return sql.join(
    columns[field].map(({ column }) => sql`${column}${way}`),
    sql`, `,
  );
}

/** The tasks that come after a cursor's keys; a row comparison, which is one range of the index. */
export function comesAfter({ field, direction }: TaskSort, keys: readonly (string | number | null)[]): SQL {
  const left = columns[field].map(({ column }) => column);
  const right = columns[field].map(({ type }, index) => sql`${String(keys[index])}::${type}`);
  const comparison = sql.raw(direction === "ASC" ? ">" : "<");
  return sql`(${sql.join(left, sql`, `)}) ${comparison} (${sql.join(right, sql`, `)})`;
}
