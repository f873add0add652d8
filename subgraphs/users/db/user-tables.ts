import { index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

/** People. The tenant of a person's own data is the person. */
export const users = pgTable(
  "users",
  {
    userId: text("user_id").primaryKey(),
    /** Normalised: see domain/emails.ts. */
    email: text("email").notNull(),
    handle: text("handle").notNull(),
    displayName: text("display_name").notNull(),
    avatarUrl: text("avatar_url"),
    status: text("status", { enum: ["ACTIVE", "SUSPENDED", "DELETED"] })
      .notNull()
      .default("ACTIVE"),
    timeZone: text("time_zone").notNull(),
    locale: text("locale").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [uniqueIndex("users_email_key").on(table.email), uniqueIndex("users_handle_key").on(table.handle)],
);

/** Password hashes, apart from `users` so that the reading role has no right to them. */
export const credential = pgTable("credential", {
  userId: text("user_id").primaryKey(),
  /** PHC string of argon2id. */
  passwordHash: text("password_hash").notNull(),
});

/** One row per sign-in. Of refresh tokens only SHA-256 is kept. */
export const userSession = pgTable(
  "user_session",
  {
    userId: text("user_id").notNull(),
    sessionId: text("session_id").notNull(),
    device: text("device").notNull(),
    ipAddress: text("ip_address"),
    /** Counts rotations; the current refresh token carries it. */
    generation: integer("generation").notNull(),
    tokenHash: text("token_hash").notNull(),
    previousTokenHash: text("previous_token_hash"),
    rotatedAt: timestamp("rotated_at", { withTimezone: true, precision: 3 }),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
    lastSeenAt: timestamp("last_seen_at", { withTimezone: true, precision: 3 }).notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true, precision: 3 }).notNull(),
    revokedAt: timestamp("revoked_at", { withTimezone: true, precision: 3 }),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.sessionId] }),
    index("user_session_last_seen_idx").on(table.userId, table.lastSeenAt),
  ],
);
