import { type EventEnvelope, type EventOf, isEvent } from "@tributary/contracts/events";
import type { TaskEventKind } from "./task.ts";

const kinds = {
  "task.created": "TASK_CREATED",
  "task.updated": "TASK_UPDATED",
  "task.moved": "TASK_MOVED",
  "task.completed": "TASK_COMPLETED",
  "task.reopened": "TASK_REOPENED",
  "comment.added": "COMMENT_ADDED",
} as const satisfies Record<string, TaskEventKind>;

export type ShownEventType = keyof typeof kinds;
export type ShownEvent = EventOf<ShownEventType>;

const shownTypes = Object.keys(kinds) as readonly ShownEventType[];

/** True for the events that feeds show; assignments travel in the task's own event, projects only move rights. */
export const isShown = (event: EventEnvelope): event is ShownEvent => isEvent(event, ...shownTypes);

export const kindOf = ({ type }: ShownEvent): TaskEventKind => kinds[type];
