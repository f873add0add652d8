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

/** The first `limit` tasks of each list after a place in its order, by key. Cost: one statement, whatever the number of keys. */
export async function findTaskPages(
  session: ReadSession,
  keys: readonly string[],
  query: TaskPageQuery,
): Promise<ReadonlyMap<string, TaskRows>> {
  const { access, sort, after, limit } = query;
  const head = access.length === 1 ? feedHeadSql(workspaceStream(access[0]!.workspaceId)) : sql`null::bigint`;
  const place = after === null ? sql`true` : comesAfter(sort, after);
  // The list's row is there also when it has no tasks: the head is read with it.
  const rows = await readRows<TaskRow & { list_key: string; feed_head: unknown; id: string | null }>(
    session,
    sql`select list.key as list_key, ${head} as feed_head, page.*
    from unnest(${textArray(keys)}) as list(key) left join lateral (
      select ${taskColumns} from task t where ${condition(query)} and ${place}
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
  const rows = await readRows<{ list_key: string; count: number }>(
    session,
    sql`select list.key as list_key, (
      select count(*)::int from (select from task t where ${condition(query)} limit ${query.atMost}) counted) as count
    from unnest(${textArray(keys)}) as list(key)`,
  );
  return new Map(rows.map(({ list_key, count }) => [list_key, count]));
}
