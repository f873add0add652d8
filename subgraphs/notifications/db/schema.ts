export { consumedEvent, feedEvent, feedStream, outbox, outboxDelivery } from "@tributary/platform/outbox";
export { delivery } from "./delivery-table.ts";
export { inbox, notification } from "./inbox-tables.ts";
export { project, projectMember, task, userProfile, workspaceMember } from "./projection-tables.ts";
export { taskWatch } from "./watch-table.ts";
