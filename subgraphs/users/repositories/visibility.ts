import type { ReadDatabase } from "@tributary/platform/postgres";
import { and, eq, exists, inArray, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import { membership, users } from "../db/schema.ts";

/** What others see of a person, as a selection. */
export const publicUserColumns = {
  id: users.userId,
  handle: users.handle,
  displayName: users.displayName,
  avatarUrl: users.avatarUrl,
  status: users.status,
  createdAt: users.createdAt,
};

/** The viewer's own membership, joined to tell what they may see. */
export const viewerMembership = alias(membership, "me");

/** True for the one active membership of the viewer in the workspace. */
export const isViewerIn = (viewerId: string, workspaceId: AnyPgColumn): SQL | undefined =>
  and(eq(viewerMembership.workspaceId, workspaceId), eq(viewerMembership.userId, viewerId), isNull(viewerMembership.removedAt));

/** True for memberships the viewer sees: all, but for a guest only those of owners and admins, and their own. */
export const isVisibleMember = (viewerId: string): SQL | undefined =>
  and(
    isNull(membership.removedAt),
    or(ne(viewerMembership.role, "GUEST"), inArray(membership.role, ["OWNER", "ADMIN"]), eq(membership.userId, viewerId)),
  );

/** True for people the viewer shares a workspace with in which `allowed` holds. */
export function sharesWorkspace(db: Pick<ReadDatabase, "select">, viewerId: string, allowed: SQL | undefined): SQL {
  return exists(
    db
      .select({ one: sql`1` })
      .from(membership)
      .innerJoin(viewerMembership, isViewerIn(viewerId, membership.workspaceId))
      .where(and(eq(membership.userId, users.userId), isNull(membership.removedAt), allowed)),
  );
}
