import type { Transaction } from "@tributary/platform/postgres";
import { and, count, eq, isNull, sql } from "drizzle-orm";
import { membership } from "../db/schema.ts";
import type { WorkspaceRole } from "../domain/roles.ts";

/** A membership as stored; one that is over keeps its row with `removedAt` set. */
export type MembershipRow = typeof membership.$inferSelect;

/** The person's membership of the workspace, also one that is over. */
export async function findMembershipOf(tx: Transaction, workspaceId: string, userId: string): Promise<MembershipRow | null> {
  const [row] = await tx
    .select()
    .from(membership)
    .where(and(eq(membership.workspaceId, workspaceId), eq(membership.userId, userId)));
  return row ?? null;
}

/** A membership by its id, also one that is over. */
export async function findMembership(tx: Transaction, workspaceId: string, membershipId: string): Promise<MembershipRow | null> {
  const [row] = await tx
    .select()
    .from(membership)
    .where(and(eq(membership.workspaceId, workspaceId), eq(membership.membershipId, membershipId)));
  return row ?? null;
}

/** Owners of the workspace. True to the end of the transaction where the workspace is locked. */
export async function countOwners(tx: Transaction, workspaceId: string): Promise<number> {
  const [row] = await tx
    .select({ owners: count() })
    .from(membership)
    .where(and(eq(membership.workspaceId, workspaceId), eq(membership.role, "OWNER"), isNull(membership.removedAt)));
  return row?.owners ?? 0;
}

/** Workspaces a person is in. The transaction's scope must be the person's. */
export async function countMembershipsOf(tx: Transaction, userId: string): Promise<number> {
  const [row] = await tx
    .select({ memberships: count() })
    .from(membership)
    .where(and(eq(membership.userId, userId), isNull(membership.removedAt)));
  return row?.memberships ?? 0;
}

export async function insertMembership(tx: Transaction, row: typeof membership.$inferInsert): Promise<MembershipRow> {
  const [inserted] = await tx.insert(membership).values(row).returning();
  if (!inserted) throw new Error("an insert returned no row");
  return inserted;
}

/** Changes a membership and raises its version. */
export async function updateMembership(
  tx: Transaction,
  { workspaceId, membershipId }: Pick<MembershipRow, "workspaceId" | "membershipId">,
  change: { role?: WorkspaceRole; joinedAt?: Date; removedAt?: Date | null },
): Promise<MembershipRow> {
  const [updated] = await tx
    .update(membership)
    .set({ ...change, version: sql`${membership.version} + 1` })
    .where(and(eq(membership.workspaceId, workspaceId), eq(membership.membershipId, membershipId)))
    .returning();
  if (!updated) throw new Error("a locked membership has no row");
  return updated;
}
