import { inputFault, limitFault } from "@tributary/platform/errors";
import { idempotent } from "@tributary/platform/idempotency";
import type { Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import type { FieldChange, Task, TaskField, TaskPriority } from "../domain/task.ts";
import { checkText, checkUnicode } from "../domain/text-rules.ts";
import { findTaskTree } from "../repositories/dependency-repository.ts";
import type { TaskPatch } from "../repositories/task-repository.ts";
import { applyTaskChange, inWorkspaceOfTask, type TaskChange } from "./change-task.ts";
import type { CommandContext } from "./command-context.ts";
import { checkLabels, checkPlaceBelow, checkReaders, distinct } from "./task-checks.ts";

/** An absent field stays as it is, null clears it. */
export type UpdateTaskInput = {
  readonly id: string;
  readonly expectedVersion?: number | null;
  readonly title?: string | null;
  readonly description?: string | null;
  readonly priority?: TaskPriority | null;
  readonly dueDate?: string | null;
  readonly parentId?: string | null;
  readonly addAssigneeIds?: readonly string[] | null;
  readonly removeAssigneeIds?: readonly string[] | null;
  readonly addLabelIds?: readonly string[] | null;
  readonly removeLabelIds?: readonly string[] | null;
  readonly idempotencyKey?: string | null;
};

const idPath = ["input", "id"];

/** Changes a task; gives it, or its id where an equal request has changed it before. @throws UserFault */
export async function updateTask(context: CommandContext, input: UpdateTaskInput): Promise<Task | { id: string }> {
  if (input.title !== undefined) {
    if (input.title === null) throw inputFault("INVALID", "A task has a title.", ["input", "title"]);
    checkText(input.title, limits.titleCharacters, ["input", "title"]);
  }
  if (input.description !== undefined && input.expectedVersion == null) {
    throw inputFault("INVALID", "Say which version of the text is replaced.", ["input", "expectedVersion"]);
  }
  checkUnicode(input.description ?? null, ["input", "description"]);
  const { idempotencyKey, ...hashed } = input;
  return inWorkspaceOfTask(context, { taskId: input.id, idPath }, async (tx, at) => {
    let changed: Task | undefined;
    const { id } = await idempotent(tx, {
      principal: context.userId,
      field: "updateTask",
      key: idempotencyKey,
      input: hashed,
      run: async () => {
        changed = await applyTaskChange(tx, context, at, {
          taskId: input.id,
          expectedVersion: input.expectedVersion,
          idPath,
          isStructural: input.parentId !== undefined,
          decide: (_, task) => decide(tx, task, input),
        });
        return { id: changed.id };
      },
    });
    return changed ?? { id };
  });
}

async function decide(tx: Transaction, task: Task, input: UpdateTaskInput): Promise<TaskChange | null> {
  const patch: { -readonly [K in keyof TaskPatch]: TaskPatch[K] } = {};
  const changes: FieldChange[] = [];
  const note = (field: TaskField, before: string | null, after: string | null) => changes.push({ field, before, after });
  if (input.title != null && input.title !== task.title) {
    patch.title = input.title;
    note("TITLE", task.title, input.title);
  }
  if (input.description !== undefined && input.description !== task.description) {
    patch.description = input.description;
    note("DESCRIPTION", null, null);
  }
  if (input.priority !== undefined && (input.priority ?? "NONE") !== task.priority) {
    patch.priority = input.priority ?? "NONE";
    note("PRIORITY", task.priority, patch.priority);
  }
  if (input.dueDate !== undefined && input.dueDate !== task.dueDate) {
    patch.dueDate = input.dueDate;
    note("DUE_DATE", task.dueDate, input.dueDate);
  }
  if (input.parentId !== undefined && input.parentId !== task.parentId) {
    if (input.parentId !== null) await checkParent(tx, task, input.parentId);
    patch.parentId = input.parentId;
    note("PARENT", task.parentId, input.parentId);
  }
  const assigneeIds = await nextAssignees(tx, task, input);
  if (assigneeIds !== null) {
    patch.assigneeIds = assigneeIds;
    note("ASSIGNEES", task.assigneeIds.join(","), assigneeIds.join(","));
  }
  const labelIds = await nextLabels(tx, task, input);
  if (labelIds !== null) {
    patch.labelIds = labelIds;
    note("LABELS", task.labelIds.join(","), labelIds.join(","));
  }
  return changes.length === 0 ? null : { kind: "TASK_UPDATED", patch, changes };
}

async function checkParent(tx: Transaction, { workspaceId, id }: Task, parentId: string): Promise<void> {
  const { height } = await findTaskTree(tx, workspaceId, id);
  await checkPlaceBelow(tx, { workspaceId, parentId, path: ["input", "parentId"] }, { id, height });
}

async function nextAssignees(tx: Transaction, task: Task, input: UpdateTaskInput): Promise<readonly string[] | null> {
  const path = ["input", "addAssigneeIds"];
  const next = withChanges(task.assigneeIds, {
    remove: distinct(input.removeAssigneeIds, limits.filterValues, ["input", "removeAssigneeIds"]),
    add: distinct(input.addAssigneeIds, limits.assignees, path),
  });
  if (next === null) return null;
  if (next.length > limits.assignees) throw limitFault(limits.assignees, `At most ${limits.assignees} assignees.`, { path });
  const added = next.filter((id) => !task.assigneeIds.includes(id));
  await checkReaders(tx, { workspaceId: task.workspaceId, projectId: task.projectId }, added, path);
  return next;
}

async function nextLabels(tx: Transaction, task: Task, input: UpdateTaskInput): Promise<readonly string[] | null> {
  const path = ["input", "addLabelIds"];
  const next = withChanges(task.labelIds, {
    remove: distinct(input.removeLabelIds, limits.filterValues, ["input", "removeLabelIds"]),
    add: distinct(input.addLabelIds, limits.labels, path),
  });
  if (next === null) return null;
  if (next.length > limits.labels) throw limitFault(limits.labels, `At most ${limits.labels} labels.`, { path });
  const added = next.filter((id) => !task.labelIds.includes(id));
  await checkLabels(tx, { workspaceId: task.workspaceId, projectId: task.projectId }, added, path);
  return next;
}

/** The list after removing and adding, in its order; null where nothing changes. */
function withChanges(
  list: readonly string[],
  { remove, add }: { remove: readonly string[]; add: readonly string[] },
): readonly string[] | null {
  const kept = list.filter((id) => !remove.includes(id) || add.includes(id));
  const next = [...kept, ...add.filter((id) => !kept.includes(id))];
  return next.length === list.length && next.every((id, index) => id === list[index]) ? null : next;
}
