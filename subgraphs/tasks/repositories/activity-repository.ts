import { newId } from "@tributary/contracts/ids";
import type { Transaction } from "@tributary/platform/postgres";
import { type SQL, sql } from "drizzle-orm";
import type { Activity, FieldChange, TaskEventKind } from "../domain/task.ts";
import { pageOfEachTask, type TaskLogPage } from "./comment-repository.ts";
import { type ReadSession, readRows } from "./rows.ts";

type ActivityRow = {
  readonly workspace_id: string;
  readonly task_id: string;
  readonly id: string;
  readonly kind: TaskEventKind;
  readonly actor_id: string;
  readonly changes: readonly FieldChange[];
  readonly occurred_at: string;
};
const activityColumns = sql.raw("c.workspace_id, c.task_id, c.id, c.kind, c.actor_id, c.changes, c.occurred_at");

/** The first entries of each task, which the caller has checked to be readable. Cost: one statement. */
export async function findActivityPages(
  session: ReadSession,
  keys: { workspaceIds: readonly string[]; taskIds: readonly string[] },
  page: TaskLogPage,
): Promise<readonly Activity[]> {
  const rows = await readRows<ActivityRow>(session, pageOfEachTask("activity", activityColumns, keys, page));
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    taskId: row.task_id,
    id: row.id,
    kind: row.kind,
    actorId: row.actor_id,
    changes: row.changes,
    occurredAt: row.occurred_at,
  }));
}

/** What was done, without what the task's own write knows. */
export type ActivityNote = Pick<Activity, "kind" | "actorId" | "changes">;

export const toActivity = (
  task: { readonly workspaceId: string; readonly id: string },
  note: ActivityNote,
  occurredAt: string,
): Activity => ({ workspaceId: task.workspaceId, taskId: task.id, id: newId("activity"), occurredAt, ...note });

/** A write of a task that also writes down what was done: one statement for both. Its rows are those of the write. */
export const withActivity = (write: SQL, entry: Activity): SQL =>
  sql`with written as (${write}), noted as (${insertion([entry])}) select * from written`;

/** Writes down what was done to tasks. Cost: one statement. */
export async function insertActivity(tx: Transaction, entries: readonly Activity[]): Promise<void> {
  if (entries.length > 0) await tx.execute(insertion(entries));
}

function insertion(entries: readonly Activity[]): SQL {
  const rows = entries.map(
    ({ workspaceId, taskId, id, kind, actorId, changes, occurredAt }) =>
      sql`(${workspaceId}, ${taskId}, ${id}, ${kind}, ${actorId}, ${JSON.stringify(changes)}::jsonb, ${occurredAt})`,
  );
  return sql`insert into activity (workspace_id, task_id, id, kind, actor_id, changes, occurred_at) values ${sql.join(rows, sql`, `)}`;
}
