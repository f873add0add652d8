import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import { writeRows } from "./rows.ts";

export type Dependency = { readonly workspaceId: string; readonly taskId: string; readonly blockedById: string };

/**
 * Lets one transaction at a time change how the tasks of a workspace hang together: two that each look fine could close a
 * circle between them. Taken before any row is locked, and held to the end.
 */
export async function lockTaskStructure(tx: Transaction, workspaceId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`task structure ${workspaceId}`}, 0))`);
}

/** True where `blockedById` waits for `taskId` already, over whatever chain. */
export async function closesCircle(tx: Transaction, { workspaceId, taskId, blockedById }: Dependency): Promise<boolean> {
  const rows = await writeRows<object>(
    tx,
    sql`with recursive waits_for (id) as (
      select ${blockedById}::text
      union select d.blocked_by_id from waits_for w
        join task_dependency d on d.workspace_id = ${workspaceId} and d.task_id = w.id)
    select 1 from waits_for where id = ${taskId} limit 1`,
  );
  return rows.length > 0;
}

/** How many tasks block the one, and how many the other blocks. */
export async function countDependencies(
  tx: Transaction,
  { workspaceId, taskId, blockedById }: Dependency,
): Promise<{ blockers: number; blocked: number }> {
  const [row] = await writeRows<{ blockers: number; blocked: number }>(
    tx,
    sql`select
      (select count(*)::int from task_dependency where workspace_id = ${workspaceId} and task_id = ${taskId}) as blockers,
      (select count(*)::int from task_dependency where workspace_id = ${workspaceId} and blocked_by_id = ${blockedById}) as blocked`,
  );
  return row!;
}

/** True where the dependency was not there before. */
export async function addDependency(tx: Transaction, { workspaceId, taskId, blockedById }: Dependency): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    insert into task_dependency (workspace_id, task_id, blocked_by_id) values (${workspaceId}, ${taskId}, ${blockedById})
    on conflict do nothing`);
  return rowCount === 1;
}

/** True where the dependency was there. */
export async function removeDependency(tx: Transaction, { workspaceId, taskId, blockedById }: Dependency): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    delete from task_dependency where workspace_id = ${workspaceId} and task_id = ${taskId} and blocked_by_id = ${blockedById}`);
  return rowCount === 1;
}

/** Where a task stands in the tree: `ancestorIds` from its parent up, and how many levels lie below it. */
export async function findTaskTree(
  tx: Transaction,
  workspaceId: string,
  taskId: string,
): Promise<{ ancestorIds: readonly string[]; height: number }> {
  const rows = await writeRows<{ ancestor_id: string | null; height: number | null }>(
    tx,
    sql`with recursive up (id, level) as (
      select parent_id, 1 from task where workspace_id = ${workspaceId} and id = ${taskId} and parent_id is not null
      union all select t.parent_id, level + 1 from up
        join task t on t.workspace_id = ${workspaceId} and t.id = up.id where t.parent_id is not null and level < 20),
    down (id, level) as (
      select ${taskId}::text, 0
      union all select t.id, level + 1 from down
        join task t on t.workspace_id = ${workspaceId} and t.parent_id = down.id where level < 20)
    select id as ancestor_id, null::int as height from up union all select null, max(level)::int from down`,
  );
  return {
    ancestorIds: rows.flatMap(({ ancestor_id }) => ancestor_id ?? []),
    height: rows.find(({ height }) => height !== null)?.height ?? 0,
  };
}
