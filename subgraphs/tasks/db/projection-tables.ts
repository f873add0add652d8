import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { workspaceId } from "./columns.ts";

/** What users publishes of workspaces; `version` decides between events out of order. */
export const workspace = pgTable(
  "workspace",
  {
    workspaceId: workspaceId(),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId] })],
);

/** Who belongs to a workspace and as what. A removed member's row stays, so that a late event cannot bring them back. */
export const member = pgTable(
  "member",
  {
    workspaceId: workspaceId(),
    userId: text("user_id").notNull(),
    /** Ids ascend with time: of two memberships of one person the later id is the later membership. */
    membershipId: text("membership_id").notNull(),
    role: text("role").notNull(),
    removed: boolean("removed").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.userId] }),
    index("member_by_user").on(table.userId, table.workspaceId),
  ],
);

/** What is shown of people beside their tasks. */
export const userProfile = pgTable("user_profile", {
  userId: text("user_id").primaryKey(),
  displayName: text("display_name").notNull(),
  avatarUrl: text("avatar_url"),
  version: integer("version").notNull(),
});
