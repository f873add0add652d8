import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, count, desc, eq, gt, inArray, isNull, lt, sql } from "drizzle-orm";
import { invitation, membership, users, workspace } from "../db/schema.ts";
import type { Invitation, InvitationPreview } from "../domain/types.ts";
import { isViewerIn, publicUserColumns, viewerMembership } from "./visibility.ts";

export type InvitationRow = typeof invitation.$inferSelect;

const invitationColumns = {
  id: invitation.invitationId,
  workspaceId: invitation.workspaceId,
  email: invitation.email,
  role: invitation.role,
  storedStatus: invitation.status,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
};

const viewerManages = inArray(viewerMembership.role, ["OWNER", "ADMIN"]);

/** Those of the ids in workspaces the viewer is owner or admin of. */
export const findVisibleInvitations = (db: ReadDatabase, viewerId: string, ids: readonly string[]): Promise<Invitation[]> =>
  db
    .select({ ...invitationColumns, invitedBy: publicUserColumns })
    .from(invitation)
    .innerJoin(viewerMembership, and(isViewerIn(viewerId, invitation.workspaceId), viewerManages))
    .innerJoin(users, eq(users.userId, invitation.invitedBy))
    .where(inArray(invitation.invitationId, [...ids]));

/** A page of each workspace's invitations, the newest first; nothing where the viewer is not owner or admin. */
export function findInvitationPages(
  db: ReadDatabase,
  viewerId: string,
  workspaceIds: readonly string[],
  { beforeId, limit }: { beforeId: string | null; limit: number },
): Promise<Invitation[]> {
  const { id: userId, createdAt: userCreatedAt, ...ofUser } = publicUserColumns;
  const page = db
    .select({
      ...invitationColumns,
      storedStatus: sql<InvitationRow["status"]>`${invitation.status}`.as("stored_status"),
      userId,
      userCreatedAt: sql`${userCreatedAt}`.mapWith(users.createdAt).as("user_created_at"),
      ...ofUser,
    })
    .from(invitation)
    .innerJoin(users, eq(users.userId, invitation.invitedBy))
    .where(
      and(
        eq(invitation.workspaceId, viewerMembership.workspaceId),
        beforeId === null ? undefined : lt(invitation.invitationId, beforeId),
      ),
    )
    .orderBy(desc(invitation.invitationId))
    .limit(limit)
    .as("page");
  return db
    .select({
      id: page.id,
      workspaceId: page.workspaceId,
      email: page.email,
      role: page.role,
      storedStatus: page.storedStatus,
      createdAt: page.createdAt,
      expiresAt: page.expiresAt,
      invitedBy: {
        id: page.userId,
        handle: page.handle,
        displayName: page.displayName,
        avatarUrl: page.avatarUrl,
        status: page.status,
        createdAt: page.userCreatedAt,
      },
    })
    .from(viewerMembership)
    .crossJoinLateral(page)
    .where(
      and(
        eq(viewerMembership.userId, viewerId),
        isNull(viewerMembership.removedAt),
        viewerManages,
        inArray(viewerMembership.workspaceId, [...workspaceIds]),
      ),
    )
    .orderBy(desc(page.id));
}

/** What the holder of a link may know; null unless the invitation can still be accepted. */
export async function findInvitationPreview(
  db: ReadDatabase,
  { workspaceId, invitationId }: { workspaceId: string; invitationId: string },
  now: Date,
): Promise<InvitationPreview | null> {
  const [row] = await db
    .select({
      workspaceName: workspace.name,
      inviterName: users.displayName,
      role: invitation.role,
      expiresAt: invitation.expiresAt,
    })
    .from(invitation)
    .innerJoin(workspace, eq(workspace.workspaceId, invitation.workspaceId))
    .innerJoin(users, eq(users.userId, invitation.invitedBy))
    .where(and(isInvitation(workspaceId, invitationId), eq(invitation.status, "PENDING"), gt(invitation.expiresAt, now)));
  return row ?? null;
}

/** The workspace an invitation or membership id belongs to: fixed when the id was made, so any server knows it. */
export async function findWorkspaceOf(db: ReadDatabase, table: "invitation" | "membership", id: string): Promise<string | null> {
  const rows =
    table === "invitation"
      ? await db.select({ workspaceId: invitation.workspaceId }).from(invitation).where(eq(invitation.invitationId, id))
      : await db.select({ workspaceId: membership.workspaceId }).from(membership).where(eq(membership.membershipId, id));
  return rows[0]?.workspaceId ?? null;
}

const isInvitation = (workspaceId: string, invitationId: string) =>
  and(eq(invitation.workspaceId, workspaceId), eq(invitation.invitationId, invitationId));

/** An invitation, locked for a change. */
export async function lockInvitation(tx: Transaction, workspaceId: string, invitationId: string): Promise<InvitationRow | null> {
  const [row] = await tx.select().from(invitation).where(isInvitation(workspaceId, invitationId)).for("update");
  return row ?? null;
}

/** Those of the addresses whose owners are members already. */
export async function findMemberEmails(tx: Transaction, workspaceId: string, emails: readonly string[]): Promise<string[]> {
  const rows = await tx
    .select({ email: users.email })
    .from(membership)
    .innerJoin(users, eq(users.userId, membership.userId))
    .where(and(eq(membership.workspaceId, workspaceId), isNull(membership.removedAt), inArray(users.email, [...emails])));
  return rows.map(({ email }) => email);
}

export async function countPendingInvitations(tx: Transaction, workspaceId: string, now: Date): Promise<number> {
  const [row] = await tx
    .select({ pending: count() })
    .from(invitation)
    .where(and(eq(invitation.workspaceId, workspaceId), eq(invitation.status, "PENDING"), gt(invitation.expiresAt, now)));
  return row?.pending ?? 0;
}

/** Revokes what is pending for the addresses. */
export const revokeInvitationsFor = (tx: Transaction, workspaceId: string, emails: readonly string[]): Promise<unknown> =>
  tx
    .update(invitation)
    .set({ status: "REVOKED", version: sql`${invitation.version} + 1` })
    .where(
      and(eq(invitation.workspaceId, workspaceId), eq(invitation.status, "PENDING"), inArray(invitation.email, [...emails])),
    );

export const insertInvitations = (tx: Transaction, rows: (typeof invitation.$inferInsert)[]): Promise<unknown> =>
  tx.insert(invitation).values(rows);

/** Ends a pending invitation. */
export const settleInvitation = (
  tx: Transaction,
  { workspaceId, invitationId }: Pick<InvitationRow, "workspaceId" | "invitationId">,
  change: { status: "ACCEPTED"; acceptedBy: string } | { status: "REVOKED" },
): Promise<unknown> =>
  tx
    .update(invitation)
    .set({ ...change, version: sql`${invitation.version} + 1` })
    .where(isInvitation(workspaceId, invitationId));
