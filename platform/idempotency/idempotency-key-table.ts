import { index, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** What was done under a client's key, for 24 hours: written in the transaction of the effect, so there is never one without the other. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    principal: text("principal").notNull(),
    /** The mutation field. */
    field: text("field").notNull(),
    key: text("key").notNull(),
    inputHash: text("input_hash").notNull(),
    /** What `run` gave: ids, never secrets. */
    payload: jsonb("payload"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.principal, table.field, table.key] }),
    index("idempotency_key_created_at").on(table.createdAt),
  ],
);
