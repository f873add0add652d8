import type { Transaction } from "@tributary/platform/postgres";
import { maySeeMember } from "../domain/roles.ts";
import { lastOwner, notFound } from "../errors.ts";
import { findWorkspaceOf } from "../repositories/invitation-repository.ts";
import { countOwners, findMembership, findMembershipOf, type MembershipRow } from "../repositories/membership-writes.ts";
import { lockWorkspace } from "../repositories/workspace-repository.ts";
import { type CommandCall, requireIdentity } from "./command-call.ts";

/** A membership and the caller's own in the same workspace, under the workspace's lock. `target` may be over. */
export type MemberPair = { readonly actor: MembershipRow; readonly target: MembershipRow };

/**
 * Runs a change of a membership under its workspace's lock, so that roles and the number of owners stand still meanwhile.
 * @throws UserFault NOT_FOUND where the caller may not see the membership
 */
export async function changeMember<T>(
  call: CommandCall,
  membershipId: string,
  path: readonly string[],
  change: (tx: Transaction, pair: MemberPair) => Promise<T>,
): Promise<T> {
  const { userId } = requireIdentity(call);
  const workspaceId = await call.session.read((db) => findWorkspaceOf(db, "membership", membershipId));
  if (workspaceId === null) throw notFound("membership", path);
  return call.session.transaction({ userId, workspaceId }, async (tx) => {
    await lockWorkspace(tx, workspaceId);
    const actor = await findMembershipOf(tx, workspaceId, userId);
    const target = await findMembership(tx, workspaceId, membershipId);
    const visible =
      actor && target && (target.userId === userId || (actor.removedAt === null && maySeeMember(actor.role, target.role)));
    if (!visible) throw notFound("membership", path);
    return change(tx, { actor, target });
  });
}

/** @throws UserFault LAST_OWNER where the workspace would be left without one */
export async function keepAnOwner(tx: Transaction, { workspaceId, role }: MembershipRow): Promise<void> {
  if (role === "OWNER" && (await countOwners(tx, workspaceId)) <= 1) throw lastOwner();
}
