import { limitFault } from "@tributary/platform/errors";
import type { Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canReadProject } from "../domain/policies.ts";
import type { Task } from "../domain/task.ts";
import { dependencyCycle, taskNotFound } from "../errors.ts";
import {
  addDependency,
  closesCircle,
  countDependencies,
  type Dependency,
  removeDependency,
} from "../repositories/dependency-repository.ts";
import { readTask } from "../repositories/task-repository.ts";
import { changeTask } from "./change-task.ts";
import type { CommandContext } from "./command-context.ts";

export type SetDependencyInput = { readonly taskId: string; readonly blockedById: string; readonly present: boolean };

const blockerPath = ["input", "blockedById"];

/** Says whether a task waits for another one; nothing where that is so already. @throws UserFault */
export const setDependency = (context: CommandContext, { taskId, blockedById, present }: SetDependencyInput): Promise<Task> =>
  changeTask(context, {
    taskId,
    idPath: ["input", "taskId"],
    isStep: true,
    isStructural: true,
    async decide(tx, { workspaceId }) {
      const blocker = await readTask(tx, { workspaceId, taskId: blockedById, userId: context.userId });
      if (!blocker || !canReadProject(blocker)) throw taskNotFound(blockerPath);
      const dependency = { workspaceId, taskId, blockedById };
      const changed = present ? await add(tx, dependency) : await removeDependency(tx, dependency);
      if (!changed) return null;
      const [before, after] = present ? [null, blockedById] : [blockedById, null];
      return { kind: "TASK_UPDATED", patch: {}, changes: [{ field: "DEPENDENCIES", before, after }] };
    },
  });

async function add(tx: Transaction, dependency: Dependency): Promise<boolean> {
  if (!(await addDependency(tx, dependency))) return false;
  if (await closesCircle(tx, dependency)) throw dependencyCycle(blockerPath);
  const { blockers, blocked } = await countDependencies(tx, dependency);
  if (blockers > limits.dependencies || blocked > limits.dependencies) {
    throw limitFault(limits.dependencies, `At most ${limits.dependencies} dependencies each way.`, { path: blockerPath });
  }
  return true;
}
