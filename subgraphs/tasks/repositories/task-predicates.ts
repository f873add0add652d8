import { type SQL, sql } from "drizzle-orm";
import { priorityNumber } from "../domain/task.ts";
import type { TaskFilter, TaskPredicates } from "../domain/task-filter.ts";
import { textArray } from "./rows.ts";
import { isOpen } from "./task-rows.ts";

/** The due date with "none" as the last of all days, as the index `task_due` has it. */
export const dueKey = sql.raw("coalesce(t.due_date, 'infinity'::date)");

const isBlocked = sql`exists (
  select from task_dependency d join task b on b.workspace_id = d.workspace_id and b.id = d.blocked_by_id
  where d.workspace_id = t.workspace_id and d.task_id = t.id and ${isOpen("b")})`;

const isAnyOf = (column: string, values: readonly string[]): SQL =>
  values.length === 1 ? sql`${sql.raw(column)} = ${values[0]}` : sql`${sql.raw(column)} = any(${textArray(values)})`;

function* predicatesOf(filter: TaskPredicates): Generator<SQL> {
  const { projectIds, status, priority, assigneeIds, unassigned, labelIds, creatorIds, parentId, isRoot, blocked, due } = filter;
  if (projectIds) yield isAnyOf("t.project_id", projectIds);
  if (status) yield isAnyOf("t.status", status);
  if (priority) yield sql`t.priority = any(${`{${priority.map(priorityNumber).join(",")}}`}::smallint[])`;
  if (assigneeIds) yield sql`t.assignee_ids && ${textArray(assigneeIds)}`;
  if (unassigned !== undefined) yield unassigned ? sql`t.assignee_ids = '{}'` : sql`t.assignee_ids <> '{}'`;
  if (labelIds) yield sql`t.label_ids && ${textArray(labelIds)}`;
  if (creatorIds) yield isAnyOf("t.creator_id", creatorIds);
  if (parentId !== undefined) yield sql`t.parent_id = ${parentId}`;
  if (isRoot !== undefined) yield isRoot ? sql`t.parent_id is null` : sql`t.parent_id is not null`;
  if (blocked !== undefined) yield blocked ? isBlocked : sql`not ${isBlocked}`;
  if (due?.from) yield sql`${dueKey} >= ${due.from}::date`;
  if (due?.until) yield sql`${dueKey} <= ${due.until}::date`;
  // An open end must not let in the tasks without a date, which sort as the last day.
  if (due?.isNull !== undefined) yield due.isNull ? sql`t.due_date is null` : sql`t.due_date is not null`;
  else if (due?.from && !due.until) yield sql`t.due_date is not null`;
  if (filter.updatedAt?.from) yield sql`t.updated_at >= ${filter.updatedAt.from}::timestamptz`;
  if (filter.updatedAt?.until) yield sql`t.updated_at < ${filter.updatedAt.until}::timestamptz`;
}

const all = (predicates: readonly SQL[]): SQL => (predicates.length === 0 ? sql`true` : sql.join([...predicates], sql` and `));

/** A filter as one condition on the task that goes by `t`. */
export function matches(filter: TaskFilter): SQL {
  const own = [...predicatesOf(filter)];
  if (filter.anyOf === undefined) return all(own);
  const alternatives = filter.anyOf.map((alternative) => sql`(${all([...predicatesOf(alternative)])})`);
  return all([...own, alternatives.length === 0 ? sql`false` : sql`(${sql.join(alternatives, sql` or `)})`]);
}
