import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { FieldChange, TaskEventKind } from "../domain/task.ts";
import { pageOfEachTask, type TaskLogPage } from "./comment-repository.ts";
import { type ReadSession, readRows } from "./rows.ts";

export type Activity = {
  readonly workspaceId: string;
  readonly taskId: string;
  readonly id: string;
  readonly kind: TaskEventKind;
  readonly actorId: string;
  readonly changes: readonly FieldChange[];
  readonly occurredAt: string;
};

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

/** Writes down what was done to tasks. Cost: one statement. */
export async function insertActivity(tx: Transaction, entries: readonly Activity[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(
    ({ workspaceId, taskId, id, kind, actorId, changes, occurredAt }) =>
      sql`(${workspaceId}, ${taskId}, ${id}, ${kind}, ${actorId}, ${JSON.stringify(changes)}::jsonb, ${occurredAt})`,
  );
  await tx.execute(sql`
    insert into activity (workspace_id, task_id, id, kind, actor_id, changes, occurred_at) values ${sql.join(rows, sql`, `)}`);
}
