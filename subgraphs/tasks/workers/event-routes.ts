import type { EventType } from "@tributary/contracts/events";

const attention = ["notifications-events"];

/** Which queues an event of tasks goes to, besides its feed. */
export const eventRoutes: Partial<Record<EventType, string[]>> = {
  "project.created": attention,
  "project.members_changed": attention,
  "task.created": attention,
  "task.updated": attention,
  "task.moved": attention,
  "task.completed": attention,
  "task.reopened": attention,
  "task.assigned": attention,
  "task.unassigned": attention,
  "comment.added": attention,
};
