import { workspaceStream } from "@tributary/contracts/cursors";
import { feedHeadSql } from "@tributary/platform/feeds";
import { type SQL, sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import type { Task } from "../domain/task.ts";
import type { TaskFilter, TaskListKind, TaskSort } from "../domain/task-filter.ts";
import { readableProjects } from "./readable.ts";
import { type ReadSession, readRows, textArray } from "./rows.ts";
import { matches } from "./task-predicates.ts";
import { type TaskRow, taskColumns, toTask } from "./task-rows.ts";
import { comesAfter, orderBy } from "./task-sorts.ts";

/** Lists of one kind with equal arguments: one per key, all read in one statement. */
export type TaskListQuery = {
  readonly kind: TaskListKind;
  /** The workspaces the tasks lie in, as the reader may see them. */
  readonly access: readonly WorkspaceAccess[];
  readonly filter: TaskFilter;
  readonly sort: TaskSort;
};
export type TaskPageQuery = TaskListQuery & {
  readonly after: readonly (string | number | null)[] | null;
  readonly limit: number;
};

/** `feedHead` is of the same snapshot as the tasks; null where the list spans workspaces, as no one feed covers it. */
export type TaskRows = { readonly tasks: readonly Task[]; readonly feedHead: number | null };

const belongs: Readonly<Record<TaskListKind, SQL>> = {
  workspace: sql`t.workspace_id = list.key`,
  project: sql`t.project_id = list.key`,
  parent: sql`t.parent_id = list.key`,
  assignee: sql`t.assignee_ids @> array[list.key]`,
};

const condition = ({ kind, access, filter }: TaskListQuery): SQL =>
  kind === "workspace"
    ? sql`${readableProjects(access, "t")} and ${matches(filter)}`
    : sql`${readableProjects(access, "t")} and ${belongs[kind]} and ${matches(filter)}`;

// One person has hundreds of tasks; of more people together the planner's own choice is the better one.
const fewPeople = 5;

/**
 * The tasks of a list; they go by `t`. Those of one person or a few are picked out first, by their index: the planner would bet
 * on meeting enough of them along the order of all tasks, and lose (11 s for 50 people in a workspace of 100,000 tasks, now 0.3).
 */
function source(query: TaskListQuery): { readonly before: SQL; readonly from: SQL } {
  const people = query.filter.assigneeIds?.length ?? 0;
  return query.kind === "assignee" || (people > 0 && people <= fewPeople)
    ? { before: sql`with own as materialized (select t.* from task t where ${condition(query)})`, from: sql`own t where true` }
    : { before: sql``, from: sql`task t where ${condition(query)}` };
}

/** The first `limit` tasks of each list after a place in its order, by key. Cost: one statement, whatever the number of keys. */
export async function findTaskPages(
  session: ReadSession,
  keys: readonly string[],
  query: TaskPageQuery,
): Promise<ReadonlyMap<string, TaskRows>> {
  const { access, sort, after, limit } = query;
  const head = access.length === 1 ? feedHeadSql(workspaceStream(access[0]!.workspaceId)) : sql`null::bigint`;
  const { before, from } = source(query);
  const place = after === null ? sql`true` : comesAfter(sort, after);
  // The list's row is there also when it has no tasks: the head is read with it.
  const rows = await readRows<TaskRow & { list_key: string; feed_head: unknown; id: string | null }>(
    session,
    sql`select list.key as list_key, ${head} as feed_head, page.*
    from unnest(${textArray(keys)}) as list(key) left join lateral (
      ${before} select ${taskColumns} from ${from} and ${place}
      order by ${orderBy(sort)} limit ${limit}) page on true`,
  );
  const lists = new Map<string, { tasks: Task[]; feedHead: number | null }>();
  for (const row of rows) {
    let list = lists.get(row.list_key);
    if (!list) {
      list = { tasks: [], feedHead: row.feed_head === null ? null : Number(row.feed_head) };
      lists.set(row.list_key, list);
    }
    if (row.id !== null) list.tasks.push(toTask(row));
  }
  return lists;
}

/** The number of tasks of each list, at most `atMost`. Cost: one statement. */
export async function countTasks(
  session: ReadSession,
  keys: readonly string[],
  query: TaskListQuery & { readonly atMost: number },
): Promise<ReadonlyMap<string, number>> {
  const { before, from } = source(query);
  const rows = await readRows<{ list_key: string; count: number }>(
    session,
    sql`select list.key as list_key, (
      ${before} select count(*)::int from (select from ${from} limit ${query.atMost}) counted) as count
    from unnest(${textArray(keys)}) as list(key)`,
  );
  return new Map(rows.map(({ list_key, count }) => [list_key, count]));
}
