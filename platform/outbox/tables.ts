import type { EventEnvelope } from "@tributary/contracts/events";
import { bigint, index, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" }).notNull().defaultNow();

/** Events not yet published, written with the change they tell of. The relay takes them out in the order of `position`. */
export const outbox = pgTable("outbox", {
  position: bigint("position", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  /** The feed it goes into; null for an event that goes into none. */
  stream: text("stream"),
  envelope: jsonb("envelope").$type<EventEnvelope>().notNull(),
  appendedAt: moment("appended_at"),
});

/** Published events that are still owed to a queue. A row goes away when the queue's consumer is known to be done. */
export const outboxDelivery = pgTable(
  "outbox_delivery",
  {
    eventId: text("event_id").notNull(),
    queue: text("queue").notNull(),
    envelope: jsonb("envelope").$type<EventEnvelope>().notNull(),
    publishedAt: moment("published_at"),
    /** When the reconciler looks at it again. */
    checkAt: moment("check_at"),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.queue] }), index("outbox_delivery_check_at").on(table.checkAt)],
);

/** The truth of each feed: its events, numbered without holes by the relay. Partitioned by month on the event id. */
export const feedEvent = pgTable(
  "feed_event",
  {
    stream: text("stream").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull(),
    /** The event's id: its time is the partition key. */
    id: text("id").notNull(),
    envelope: jsonb("envelope").$type<EventEnvelope>().notNull(),
    /** A WAL position at which the event's change can be read. */
    position: text("position").notNull(),
  },
  (table) => [primaryKey({ columns: [table.stream, table.seq, table.id] })],
);

/** One row per feed: its last number, and the last number that is no longer kept. */
export const feedStream = pgTable("feed_stream", {
  stream: text("stream").primaryKey(),
  head: bigint("head", { mode: "number" }).notNull(),
  trimmed: bigint("trimmed", { mode: "number" }).notNull().default(0),
});

/** Events whose effect a consumer of this database has committed. */
export const consumedEvent = pgTable(
  "consumed_event",
  {
    consumer: text("consumer").notNull(),
    eventId: text("event_id").notNull(),
    consumedAt: moment("consumed_at"),
  },
  (table) => [primaryKey({ columns: [table.consumer, table.eventId] }), index("consumed_event_consumed_at").on(table.consumedAt)],
);
