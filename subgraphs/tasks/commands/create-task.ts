import { newId, timeOfId } from "@tributary/contracts/ids";
import { idempotent } from "@tributary/platform/idempotency";
import { isUniqueViolation, type Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canEditTasks, canReadProject } from "../domain/policies.ts";
import type { RankTarget } from "../domain/rank.ts";
import { isClosed, progressOf, type Task, type TaskPriority, type TaskStatus } from "../domain/task.ts";
import { checkText, checkUnicode } from "../domain/text-rules.ts";
import { projectNotFound, roleForbids, taskNotFound } from "../errors.ts";
import { lockTaskStructure } from "../repositories/dependency-repository.ts";
import { locateProject, takeTaskNumber } from "../repositories/project-repository.ts";
import { findRankGap } from "../repositories/rank-repository.ts";
import { addToProgress, insertTask, type NewTask } from "../repositories/task-repository.ts";
import { type CommandContext, inWorkspace, locate } from "./command-context.ts";
import { newRank } from "./move-task.ts";
import { checkLabels, checkOpenSubtasks, checkPlaceBelow, checkReaders, distinct } from "./task-checks.ts";
import { appendTaskEvents } from "./task-events.ts";

export type CreateTaskInput = {
  readonly projectId: string;
  readonly title: string;
  readonly description?: string | null;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  readonly dueDate?: string | null;
  readonly parentId?: string | null;
  readonly assigneeIds?: readonly string[] | null;
  readonly labelIds?: readonly string[] | null;
  readonly rank?: RankTarget | null;
  readonly idempotencyKey?: string | null;
};

/** Makes a task; gives it, or its id where an equal request has made it before. @throws UserFault */
export async function createTask(context: CommandContext, input: CreateTaskInput): Promise<Task | { id: string }> {
  checkText(input.title, limits.titleCharacters, ["input", "title"]);
  checkUnicode(input.description ?? null, ["input", "description"]);
  const lists = {
    assigneeIds: distinct(input.assigneeIds, limits.assignees, ["input", "assigneeIds"]),
    labelIds: distinct(input.labelIds, limits.labels, ["input", "labelIds"]),
  };
  const workspaceId = await locate(context, () => locateProject(context.session, context.userId, input.projectId));
  if (workspaceId === null) throw noProject();
  const { idempotencyKey, ...hashed } = input;
  return inWorkspace(
    context,
    workspaceId,
    async (tx, attempt) => {
      let made: Task | undefined;
      const { id } = await idempotent(tx, {
        principal: context.userId,
        field: "createTask",
        key: idempotencyKey,
        input: hashed,
        run: async () => {
          made = await insertInto(tx, context, { workspaceId, attempt }, { ...input, ...lists });
          return { id: made.id };
        },
      });
      return made ?? { id };
    },
    (error) => isUniqueViolation(error, "task_rank_in_project"),
  );
}

const noProject = () => projectNotFound(["input", "projectId"]);

type CheckedInput = CreateTaskInput & { readonly assigneeIds: readonly string[]; readonly labelIds: readonly string[] };

async function insertInto(
  tx: Transaction,
  { userId }: CommandContext,
  { workspaceId, attempt }: { workspaceId: string; attempt: number },
  input: CheckedInput,
): Promise<Task> {
  const { projectId, status, assigneeIds, labelIds } = input;
  const key = { workspaceId, projectId };
  const parentId = input.parentId ?? null;
  if (parentId !== null) await lockTaskStructure(tx, workspaceId);
  const locked = await takeTaskNumber(tx, { ...key, userId });
  const standing = locked && { role: locked.role, visibility: locked.project.visibility, added: locked.added };
  if (!standing || !canReadProject(standing)) throw noProject();
  if (!canEditTasks(standing)) throw roleForbids("making tasks", ["input", "projectId"]);
  if (parentId !== null) {
    const path = ["input", "parentId"];
    await checkPlaceBelow(tx, { workspaceId, parentId, path }, null);
    const open = await addToProgress(tx, { ...key, taskId: parentId }, progressOf(status));
    if (open === null || !isClosed(status)) checkOpenSubtasks(open, path);
  }
  await checkReaders(tx, key, assigneeIds, ["input", "assigneeIds"]);
  await checkLabels(tx, key, labelIds, ["input", "labelIds"]);
  const gap = await findRankGap(tx, key, input.rank ?? { kind: "edge", edge: "BOTTOM" }, null);
  if (gap === null) throw taskNotFound(["input", "rank"]);
  const id = newId("task");
  const createdAt = timeOfId(id).toISOString();
  const row: NewTask = {
    ...key,
    id,
    identifier: `${locked.project.key}-${locked.number}`,
    title: input.title,
    description: input.description ?? null,
    status,
    priority: input.priority,
    rank: newRank(gap, attempt),
    dueDate: input.dueDate ?? null,
    creatorId: userId,
    parentId,
    assigneeIds,
    labelIds,
    createdAt,
    completedAt: status === "DONE" ? createdAt : null,
  };
  const task = await insertTask(tx, row, { kind: "TASK_CREATED", actorId: userId, changes: [] });
  await appendTaskEvents(tx, { type: "user", id: userId }, [{ task, kind: "TASK_CREATED", changes: [], assigned: assigneeIds }]);
  return task;
}
