export { idempotencyKey } from "@tributary/platform/idempotency";
export { consumedEvent, feedEvent, feedStream, outbox, outboxDelivery } from "@tributary/platform/outbox";
export { label, project, projectMember } from "./project-tables.ts";
export { member, userProfile, workspace } from "./projection-tables.ts";
export { activity, comment, task, taskDependency } from "./task-tables.ts";
