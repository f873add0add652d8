import { inputFault } from "@tributary/platform/errors";
import type { Transaction } from "@tributary/platform/postgres";
import { liesBetween, type RankTarget, rankBetween, someRankBetween } from "../domain/rank.ts";
import { type FieldChange, isClosed, type Task, type TaskStatus } from "../domain/task.ts";
import { taskNotFound } from "../errors.ts";
import { findRankGap, type RankGap } from "../repositories/rank-repository.ts";
import { changeTask, type TaskChange } from "./change-task.ts";
import type { CommandContext } from "./command-context.ts";

export type MoveTaskInput = {
  readonly id: string;
  readonly status?: TaskStatus | null;
  readonly rank: RankTarget;
  readonly expectedVersion?: number | null;
};

/** Puts a task to another place of its project's order and, where given, into another status. @throws UserFault */
export const moveTask = (context: CommandContext, input: MoveTaskInput): Promise<Task> =>
  changeTask(context, {
    taskId: input.id,
    idPath: ["input", "id"],
    expectedVersion: input.expectedVersion,
    decide: (tx, task, at) => decide(tx, task, input, at),
  });

async function decide(
  tx: Transaction,
  task: Task,
  input: MoveTaskInput,
  { now, attempt }: { now: string; attempt: number },
): Promise<TaskChange | null> {
  if (input.rank.kind !== "edge" && input.rank.taskId === task.id) {
    throw inputFault("INVALID", "A task cannot be moved next to itself.", ["input", "rank"]);
  }
  const gap = await findRankGap(tx, task, input.rank, task.id);
  if (gap === null) throw taskNotFound(["input", "rank"]);
  const rank = liesBetween(task.rank, gap.lower, gap.upper) ? task.rank : newRank(gap, attempt);
  const status = input.status ?? task.status;
  const changes: FieldChange[] = [];
  if (rank !== task.rank) changes.push({ field: "RANK", before: task.rank, after: rank });
  if (status !== task.status) changes.push({ field: "STATUS", before: task.status, after: status });
  if (changes.length === 0) return null;
  return {
    kind: kindOfMove(task.status, status),
    patch: { ...(rank !== task.rank && { rank }), ...(status !== task.status && statusPatch(status, now)) },
    changes,
  };
}

/** A card drawn into another column is told of by what it means. */
function kindOfMove(before: TaskStatus, after: TaskStatus): TaskChange["kind"] {
  if (after === "DONE" && before !== "DONE") return "TASK_COMPLETED";
  return isClosed(before) && !isClosed(after) ? "TASK_REOPENED" : "TASK_MOVED";
}

/** What setting a status writes. */
export const statusPatch = (status: TaskStatus, now: string) => ({ status, completedAt: status === "DONE" ? now : null });

/** A rank in a gap; at random once the plain one was taken meanwhile, so that those who meet do not meet again. */
export const newRank = ({ lower, upper }: RankGap, attempt: number): string =>
  attempt === 1 ? rankBetween(lower, upper) : someRankBetween(lower, upper);
