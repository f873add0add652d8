import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

/**
 * Messages outside the inbox. The id is derived from event, channel and recipient, so the primary key makes them unique.
 * Partitioned by month on the id (see the migrations).
 */
export const delivery = pgTable(
  "delivery",
  {
    recipientId: text("recipient_id").notNull(),
    id: text("id").notNull(),
    eventId: text("event_id").notNull(),
    channel: text("channel", { enum: ["EMAIL"] }).notNull(),
    notificationId: text("notification_id"),
    content: jsonb("content").$type<Readonly<Record<string, string | null>>>().notNull(),
    status: text("status", { enum: ["QUEUED", "SENT", "RETRYING", "SUPPRESSED", "DEAD"] }).notNull(),
    attempts: integer("attempts").notNull().default(0),
    fence: integer("fence").notNull().default(0),
    claimedAt: moment("claimed_at"),
    notBefore: moment("not_before"),
    lastAttemptAt: moment("last_attempt_at"),
    reason: text("reason"),
    possibleDuplicate: boolean("possible_duplicate").notNull().default(false),
    createdAt: moment("created_at").notNull(),
    /** When the reconciler looks whether it is still on its way. */
    checkAt: moment("check_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recipientId, table.id] }),
    index("delivery_notification").on(table.recipientId, table.notificationId),
    index("delivery_open").on(table.checkAt).where(sql`status in ('QUEUED', 'RETRYING')`),
  ],
);
