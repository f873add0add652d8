import { workspaceStream } from "@tributary/contracts/cursors";
import { appendEvents, type EventDraft } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import type { FieldChange, Task, TaskEventKind } from "../domain/task.ts";

const eventTypes = {
  TASK_CREATED: "task.created",
  TASK_UPDATED: "task.updated",
  TASK_MOVED: "task.moved",
  TASK_COMPLETED: "task.completed",
  TASK_REOPENED: "task.reopened",
} as const satisfies Partial<Record<TaskEventKind, EventDraft["type"]>>;

export type TaskActor = EventDraft["actor"];

/** The task as events carry it. */
export const afterImage = (task: Task, changes: readonly FieldChange[]) => ({
  taskId: task.id,
  projectId: task.projectId,
  identifier: task.identifier,
  title: task.title,
  status: task.status,
  assigneeIds: [...task.assigneeIds],
  changes: [...changes],
});

/** The envelope's part of a task's event. */
export const aboutTask = (task: Task, actor: TaskActor) => ({
  workspaceId: task.workspaceId,
  aggregate: { type: "task", id: task.id, version: task.version },
  actor,
  stream: workspaceStream(task.workspaceId),
});

type TaskChangeEvent = {
  readonly task: Task;
  readonly kind: keyof typeof eventTypes;
  readonly changes: readonly FieldChange[];
  readonly assigned?: readonly string[];
  readonly unassigned?: readonly string[];
};

function* draftsOf(
  { task, kind, changes, assigned = [], unassigned = [] }: TaskChangeEvent,
  actor: TaskActor,
): Generator<EventDraft> {
  const about = aboutTask(task, actor);
  yield { ...about, type: eventTypes[kind], data: afterImage(task, changes) };
  const { id: taskId, projectId, identifier, title } = task;
  if (assigned.length > 0) {
    yield { ...about, type: "task.assigned", data: { taskId, projectId, identifier, title, userIds: [...assigned] } };
  }
  if (unassigned.length > 0) {
    yield { ...about, type: "task.unassigned", data: { taskId, projectId, identifier, title, userIds: [...unassigned] } };
  }
}

/** Tells of changes of tasks, in the transaction of the changes. Cost: one statement. */
export async function appendTaskEvents(tx: Transaction, actor: TaskActor, changes: readonly TaskChangeEvent[]): Promise<void> {
  await appendEvents(
    tx,
    changes.flatMap((change) => [...draftsOf(change, actor)]),
  );
}
