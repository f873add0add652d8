export { appendEvents, type EventDraft } from "./append-events.ts";
export { consumeOnce } from "./consume-once.ts";
export { feedKey } from "./feed-key.ts";
export type { Routes } from "./publish-batch.ts";
export { type RelayOptions, startRelay } from "./start-relay.ts";
export { consumedEvent, feedEvent, feedStream, outbox, outboxDelivery } from "./tables.ts";
