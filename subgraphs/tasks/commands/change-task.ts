import { versionConflict } from "@tributary/platform/errors";
import { isUniqueViolation, type Transaction } from "@tributary/platform/postgres";
import { canEditTasks, canReadProject } from "../domain/policies.ts";
import { type FieldChange, isClosed, progressOf, type Task, type TaskEventKind } from "../domain/task.ts";
import { roleForbids, taskNotFound } from "../errors.ts";
import { lockTaskStructure } from "../repositories/dependency-repository.ts";
import {
  addToProgress,
  type LockedTask,
  locateTask,
  lockTask,
  patchTask,
  type TaskPatch,
} from "../repositories/task-repository.ts";
import { type CommandContext, inWorkspace, locate } from "./command-context.ts";
import { checkOpenSubtasks } from "./task-checks.ts";
import { appendTaskEvents } from "./task-events.ts";

/** What a command has decided to do to a task under lock. */
export type TaskChange = {
  readonly kind: Exclude<TaskEventKind, "TASK_CREATED" | "COMMENT_ADDED">;
  readonly patch: TaskPatch;
  readonly changes: readonly FieldChange[];
};

export type TaskChangeOptions = {
  readonly taskId: string;
  readonly expectedVersion?: number | null | undefined;
  readonly idPath: readonly string[];
  /** A step: repeating it succeeds whatever the version, as its own first run has raised it. */
  readonly isStep?: boolean;
  /** True where the change is about parents or dependencies. */
  readonly isStructural?: boolean;
  /** Null where there is nothing to do. */
  readonly decide: (
    tx: Transaction,
    task: Task,
    at: { now: string; attempt: number },
  ) => Promise<TaskChange | null> | TaskChange | null;
};

const isRankTaken = (error: unknown) => isUniqueViolation(error, "task_rank_in_project");

/** Finds the workspace of a task and runs `work` there. @throws UserFault NOT_FOUND */
export async function inWorkspaceOfTask<T>(
  context: CommandContext,
  { taskId, idPath }: Pick<TaskChangeOptions, "taskId" | "idPath">,
  work: (tx: Transaction, at: { workspaceId: string; attempt: number }) => Promise<T>,
): Promise<T> {
  const workspaceId = await locate(context, () => locateTask(context.session, context.userId, taskId));
  if (workspaceId === null) throw taskNotFound(idPath);
  return inWorkspace(context, workspaceId, (tx, attempt) => work(tx, { workspaceId, attempt }), isRankTaken);
}

/** Locks a task that the caller may edit. @throws UserFault NOT_FOUND, FORBIDDEN */
export async function lockEditableTask(
  tx: Transaction,
  key: { workspaceId: string; taskId: string; userId: string },
  path: readonly string[],
): Promise<LockedTask> {
  const locked = await lockTask(tx, key);
  if (!locked || !canReadProject(locked)) throw taskNotFound(path);
  if (!canEditTasks(locked)) throw roleForbids("changing tasks", path);
  return locked;
}

/** One change of one task: locked, checked, decided, written, recorded; in the caller's transaction. @throws UserFault */
export async function applyTaskChange(
  tx: Transaction,
  { userId }: CommandContext,
  { workspaceId, attempt }: { workspaceId: string; attempt: number },
  options: TaskChangeOptions,
): Promise<Task> {
  const { taskId, expectedVersion, idPath, isStep = false, isStructural = false, decide } = options;
  if (isStructural) await lockTaskStructure(tx, workspaceId);
  const { task } = await lockEditableTask(tx, { workspaceId, taskId, userId }, idPath);
  const isStale = expectedVersion != null && expectedVersion !== task.version;
  if (isStale && !isStep) throw versionConflict(task.version, task);
  const now = new Date().toISOString();
  const change = await decide(tx, task, { now, attempt });
  if (change === null) return task;
  if (isStale) throw versionConflict(task.version, task);
  const { kind, changes, patch } = change;
  const after = await patchTask(tx, task, { patch, note: { kind, changes, actorId: userId }, now });
  await moveProgress(tx, task, after);
  await appendTaskEvents(tx, { type: "user", id: userId }, [
    {
      task: after,
      kind,
      changes,
      assigned: after.assigneeIds.filter((id) => !task.assigneeIds.includes(id)),
      unassigned: task.assigneeIds.filter((id) => !after.assigneeIds.includes(id)),
    },
  ]);
  return after;
}

/** As `applyTaskChange`, in a transaction of its own. */
export const changeTask = (context: CommandContext, options: TaskChangeOptions): Promise<Task> =>
  inWorkspaceOfTask(context, options, (tx, at) => applyTaskChange(tx, context, at, options));

/** Keeps the counters of the parents in step with a subtask. Two parents are written in the order of their ids. */
async function moveProgress(tx: Transaction, before: Task, after: Task): Promise<void> {
  const [was, is] = [progressOf(before.status), progressOf(after.status)];
  const { workspaceId, projectId } = after;
  if (before.parentId === after.parentId) {
    const change = { done: is.done - was.done, total: is.total - was.total };
    if (after.parentId === null || (change.done === 0 && change.total === 0)) return;
    await addToProgress(tx, { workspaceId, projectId, taskId: after.parentId }, change);
    return;
  }
  const parents = [
    { taskId: before.parentId, change: { done: -was.done, total: -was.total } },
    { taskId: after.parentId, change: is },
  ];
  for (const { taskId, change } of parents.sort((a, b) => ((a.taskId ?? "") < (b.taskId ?? "") ? -1 : 1))) {
    if (taskId === null) continue;
    const open = await addToProgress(tx, { workspaceId, projectId, taskId }, change);
    if (taskId === after.parentId && !isClosed(after.status)) checkOpenSubtasks(open, ["input", "parentId"]);
  }
}
