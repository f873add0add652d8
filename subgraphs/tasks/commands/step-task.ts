import { isClosed, type Task, type TaskStatus } from "../domain/task.ts";
import { changeTask, type TaskChange } from "./change-task.ts";
import type { CommandContext } from "./command-context.ts";
import { statusPatch } from "./move-task.ts";

export type TaskStepInput = { readonly id: string; readonly expectedVersion?: number | null };

const stepTo =
  (status: TaskStatus, kind: TaskChange["kind"], isThere: (status: TaskStatus) => boolean) =>
  (context: CommandContext, { id, expectedVersion }: TaskStepInput): Promise<Task> =>
    changeTask(context, {
      taskId: id,
      idPath: ["input", "id"],
      expectedVersion,
      isStep: true,
      decide: (_, task, { now }) =>
        isThere(task.status)
          ? null
          : { kind, patch: statusPatch(status, now), changes: [{ field: "STATUS", before: task.status, after: status }] },
    });

/** Sets a task done; nothing where it is. @throws UserFault */
export const completeTask = stepTo("DONE", "TASK_COMPLETED", (status) => status === "DONE");

/** Sets a closed task back to do; nothing where it is open. @throws UserFault */
export const reopenTask = stepTo("TODO", "TASK_REOPENED", (status) => !isClosed(status));
