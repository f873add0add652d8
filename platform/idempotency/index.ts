export { idempotencyKey } from "./idempotency-key-table.ts";
export { deleteExpiredIdempotencyKeys, type IdempotentCall, idempotent } from "./idempotent.ts";
