export { appendEvents, type EventDraft } from "./append-events.ts";
export { consumeOnce } from "./consume-once.ts";
export { consumedEvent, feedEvent, feedStream, outbox, outboxDelivery } from "./tables.ts";
