import { index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

const roles = ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"] as const;

/** Tenants. */
export const workspace = pgTable(
  "workspace",
  {
    workspaceId: text("workspace_id").primaryKey(),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [uniqueIndex("workspace_slug_key").on(table.slug)],
);

/**
 * Who is in a workspace. A removed member's row stays: someone who comes back continues its version, so that projections,
 * which drop what is not newer, see the return.
 */
export const membership = pgTable(
  "membership",
  {
    workspaceId: text("workspace_id").notNull(),
    membershipId: text("membership_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role", { enum: roles }).notNull(),
    version: integer("version").notNull().default(1),
    joinedAt: timestamp("joined_at", { withTimezone: true, precision: 3 }).notNull(),
    removedAt: timestamp("removed_at", { withTimezone: true, precision: 3 }),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.membershipId] }),
    uniqueIndex("membership_workspace_user_key").on(table.workspaceId, table.userId),
    index("membership_id_idx").on(table.membershipId),
    index("membership_user_idx").on(table.userId),
  ],
);

/** Invitations by mail. Their tokens are derived (contracts/invitation-token.ts), not stored. */
export const invitation = pgTable(
  "invitation",
  {
    workspaceId: text("workspace_id").notNull(),
    invitationId: text("invitation_id").notNull(),
    email: text("email").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** EXPIRED is not stored: it follows from `expiresAt`. */
    status: text("status", { enum: ["PENDING", "ACCEPTED", "REVOKED"] })
      .notNull()
      .default("PENDING"),
    invitedBy: text("invited_by").notNull(),
    acceptedBy: text("accepted_by"),
    version: integer("version").notNull().default(1),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.invitationId] }),
    index("invitation_id_idx").on(table.invitationId),
    index("invitation_email_idx").on(table.workspaceId, table.email),
  ],
);
