export { idempotencyKey } from "@tributary/platform/idempotency";
export { consumedEvent, feedEvent, feedStream, outbox, outboxDelivery } from "@tributary/platform/outbox";
export { attemptWindow } from "./throttle-table.ts";
export { credential, userSession, users } from "./user-tables.ts";
export { invitation, membership, workspace } from "./workspace-tables.ts";
