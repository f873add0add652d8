import type { Transaction } from "@tributary/platform/postgres";
import { type SQL, sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import type { Role } from "../domain/policies.ts";
import type { ProjectVisibility } from "../domain/project.ts";
import { priorityNumber, type Task } from "../domain/task.ts";
import { type ActivityNote, toActivity, withActivity } from "./activity-repository.ts";
import { readableProjects } from "./readable.ts";
import { type ReadSession, readRows, textArray, writeRows } from "./rows.ts";
import { isOpen, type TaskRow, taskColumns, toTask } from "./task-rows.ts";

/** Those of the tasks that may be read. */
export async function findTasks(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  ids: readonly string[],
): Promise<readonly Task[]> {
  const rows = await readRows<TaskRow>(
    session,
    sql`select ${taskColumns} from task t where ${readableProjects(access, "t")} and t.id = any(${textArray(ids)})`,
  );
  return rows.map(toTask);
}

/** Tasks of a workspace whose readers were checked before. */
export async function findTasksOfWorkspace(
  session: ReadSession,
  workspaceId: string,
  ids: readonly string[],
): Promise<readonly Task[]> {
  const rows = await readRows<TaskRow>(
    session,
    sql`select ${taskColumns} from task t where t.workspace_id = ${workspaceId} and t.id = any(${textArray(ids)})`,
  );
  return rows.map(toTask);
}

/** Tasks by workspace and name (`APP-7`), where they may be read. */
export async function findTasksByName(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  names: readonly string[],
): Promise<readonly Task[]> {
  const rows = await readRows<TaskRow>(
    session,
    sql`select ${taskColumns} from task t
    where ${readableProjects(access, "t")} and t.identifier = any(${textArray(names)})`,
  );
  return rows.map(toTask);
}

/** The tasks at the other end of dependencies, where they may be read, with the task at this end. */
export async function findDependencies(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  taskIds: readonly string[],
  direction: "blockedBy" | "blocks",
): Promise<readonly { taskId: string; other: Task }[]> {
  const [here, there] = (direction === "blockedBy" ? ["task_id", "blocked_by_id"] : ["blocked_by_id", "task_id"]).map((column) =>
    sql.raw(`d.${column}`),
  ) as [SQL, SQL];
  const rows = await readRows<TaskRow & { here: string }>(
    session,
    sql`select ${here} as here, ${taskColumns}
    from task_dependency d join task t on t.workspace_id = d.workspace_id and t.id = ${there}
    where d.workspace_id = any(${textArray(access.map(({ workspaceId }) => workspaceId))})
      and ${here} = any(${textArray(taskIds)}) and ${readableProjects(access, "t")}
    order by t.id`,
  );
  return rows.map((row) => ({ taskId: row.here, other: toTask(row) }));
}

/** Those of the tasks that an open task blocks, seen or not. */
export async function findBlockedAmong(
  session: ReadSession,
  workspaceIds: readonly string[],
  taskIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await readRows<{ task_id: string }>(
    session,
    sql`select distinct d.task_id from task_dependency d
    join task b on b.workspace_id = d.workspace_id and b.id = d.blocked_by_id
    where d.workspace_id = any(${textArray(workspaceIds)}) and d.task_id = any(${textArray(taskIds)}) and ${isOpen("b")}`,
  );
  return new Set(rows.map(({ task_id }) => task_id));
}

/** The workspace of a task, where the caller is a member of it; what they may do there is decided under the task's lock. */
export async function locateTask(session: ReadSession, userId: string, taskId: string): Promise<string | null> {
  const [row] = await readRows<{ workspace_id: string }>(
    session,
    sql`select t.workspace_id from member m join task t on t.workspace_id = m.workspace_id and t.id = ${taskId}
    where m.user_id = ${userId} and not m.removed`,
  );
  return row?.workspace_id ?? null;
}

/** A task with how someone stands to its project. */
export type LockedTask = {
  readonly task: Task;
  readonly role: Role;
  readonly visibility: ProjectVisibility;
  readonly added: boolean;
};

type LockedRow = TaskRow & { member_role: Role; project_visibility: ProjectVisibility; is_added: boolean };

type TaskKey = { readonly workspaceId: string; readonly taskId: string; readonly userId: string };

/** Locks a task against other changes until the transaction ends; null where there is none or the user is no member. */
export const lockTask = (tx: Transaction, key: TaskKey) => findStanding(tx, key, sql`for no key update of t`);

/** As `lockTask`, without the lock. */
export const readTask = (tx: Transaction, key: TaskKey) => findStanding(tx, key, sql``);

async function findStanding(tx: Transaction, key: TaskKey, lock: SQL): Promise<LockedTask | null> {
  const [row] = await writeRows<LockedRow>(
    tx,
    sql`select ${taskColumns}, m.role as member_role, p.visibility as project_visibility, exists (
        select from project_member a
        where a.workspace_id = t.workspace_id and a.project_id = t.project_id and a.user_id = m.user_id) as is_added
    from task t
    join project p on p.workspace_id = t.workspace_id and p.id = t.project_id
    join member m on m.workspace_id = t.workspace_id and m.user_id = ${key.userId} and not m.removed
    where t.workspace_id = ${key.workspaceId} and t.id = ${key.taskId}
    ${lock}`,
  );
  return row ? { task: toTask(row), role: row.member_role, visibility: row.project_visibility, added: row.is_added } : null;
}

/** A task's row as a new one needs it. */
export type NewTask = Omit<Task, "commentCount" | "subtaskTotal" | "subtaskDone" | "version" | "updatedAt">;

/** Adds a task and notes it. @throws a unique violation of `task_rank_in_project` where its rank was taken meanwhile */
export async function insertTask(tx: Transaction, task: NewTask, note: ActivityNote): Promise<Task> {
  const [row] = await writeRows<TaskRow>(
    tx,
    withActivity(
      sql`insert into task as t (workspace_id, id, project_id, identifier, title, description, status, priority, rank, due_date,
      creator_id, parent_id, assignee_ids, label_ids, created_at, updated_at, completed_at)
    values (${task.workspaceId}, ${task.id}, ${task.projectId}, ${task.identifier}, ${task.title}, ${task.description},
      ${task.status}, ${priorityNumber(task.priority)}, ${task.rank}, ${task.dueDate}, ${task.creatorId}, ${task.parentId},
      ${textArray(task.assigneeIds)}, ${textArray(task.labelIds)}, ${task.createdAt}, ${task.createdAt}, ${task.completedAt})
    returning ${taskColumns}`,
      toActivity(task, note, task.createdAt),
    ),
  );
  return toTask(row!);
}

/** The columns a change may set. */
export type TaskPatch = Partial<
  Pick<
    Task,
    | "title"
    | "description"
    | "status"
    | "priority"
    | "rank"
    | "dueDate"
    | "parentId"
    | "assigneeIds"
    | "labelIds"
    | "commentCount"
    | "completedAt"
  >
>;

const assignments: { readonly [K in keyof TaskPatch]-?: (value: NonNullable<TaskPatch[K]> | null) => SQL } = {
  title: (value) => sql`title = ${value}`,
  description: (value) => sql`description = ${value}`,
  status: (value) => sql`status = ${value}`,
  priority: (value) => sql`priority = ${priorityNumber(value ?? "NONE")}`,
  rank: (value) => sql`rank = ${value}`,
  dueDate: (value) => sql`due_date = ${value}`,
  parentId: (value) => sql`parent_id = ${value}`,
  assigneeIds: (value) => sql`assignee_ids = ${textArray(value ?? [])}`,
  labelIds: (value) => sql`label_ids = ${textArray(value ?? [])}`,
  commentCount: (value) => sql`comment_count = ${value}`,
  completedAt: (value) => sql`completed_at = ${value}`,
};

/** Changes a task that is under lock and notes it; its version rises by one. Gives the row as it is now. */
export async function patchTask(
  tx: Transaction,
  task: Task,
  { patch, note, now }: { patch: TaskPatch; note: ActivityNote; now: string },
): Promise<Task> {
  const set = [sql`version = version + 1`, sql`updated_at = ${now}`];
  for (const key of Object.keys(patch) as (keyof TaskPatch)[]) set.push(assignments[key](patch[key] as never));
  const [row] = await writeRows<TaskRow>(
    tx,
    withActivity(
      sql`update task as t set ${sql.join(set, sql`, `)}
      where t.workspace_id = ${task.workspaceId} and t.id = ${task.id} returning ${taskColumns}`,
      toActivity(task, note, now),
    ),
  );
  return toTask(row!);
}

/** Adds to a parent's counters; gives the number of its open subtasks, null where there is no such task in the project. */
export async function addToProgress(
  tx: Transaction,
  parent: { workspaceId: string; projectId: string; taskId: string },
  change: { done: number; total: number },
): Promise<number | null> {
  const [row] = await writeRows<{ open: number }>(
    tx,
    sql`update task set subtask_total = subtask_total + ${change.total}, subtask_done = subtask_done + ${change.done}
    where workspace_id = ${parent.workspaceId} and id = ${parent.taskId} and project_id = ${parent.projectId}
    returning subtask_total - subtask_done as open`,
  );
  return row?.open ?? null;
}

/** Takes a removed member off all of their tasks of a workspace; gives these as they are now. */
export async function clearAssignee(tx: Transaction, workspaceId: string, userId: string, now: string): Promise<readonly Task[]> {
  const rows = await writeRows<TaskRow>(
    tx,
    sql`update task as t set assignee_ids = array_remove(assignee_ids, ${userId}), version = version + 1, updated_at = ${now}
    where t.workspace_id = ${workspaceId} and t.assignee_ids @> array[${userId}::text] returning ${taskColumns}`,
  );
  return rows.map(toTask);
}
