import { index, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** Attempts counted by account or by address, in fixed windows. Emptied by the worker: see workers/housekeeping.ts. */
export const attemptWindow = pgTable(
  "attempt_window",
  {
    /** What is limited and for whom; the account or address is hashed. */
    key: text("key").primaryKey(),
    attempts: integer("attempts").notNull(),
    endsAt: timestamp("ends_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [index("attempt_window_ends_idx").on(table.endsAt)],
);
