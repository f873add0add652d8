import { newId } from "@tributary/contracts/ids";
import type { InvitationRef } from "@tributary/contracts/invitation-token";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { invitationStatus } from "../domain/invitation-rules.ts";
import type { WorkspaceRole } from "../domain/roles.ts";
import { maxWorkspacesPerPerson } from "../domain/workspace-rules.ts";
import { forbidden, invitationExpired, invitationUsed, notFound, tooManyWorkspaces } from "../errors.ts";
import { lockInvitation, settleInvitation } from "../repositories/invitation-repository.ts";
import {
  countMembershipsOf,
  findMembershipOf,
  insertMembership,
  type MembershipRow,
  updateMembership,
} from "../repositories/membership-writes.ts";
import { lockWorkspace } from "../repositories/workspace-repository.ts";
import { memberEvent } from "./member-events.ts";

type Guest = { readonly userId: string; readonly email: string };

/**
 * Uses up an invitation and makes the person a member. The transaction's scope must be the person and the workspace. Repeated by
 * the same person it gives their membership again.
 * @throws UserFault NOT_FOUND, EXPIRED, CONFLICT (used by someone else, or by one removed since), FORBIDDEN (other address)
 */
export async function joinByInvitation(
  tx: Transaction,
  { workspaceId, invitationId }: InvitationRef,
  { userId, email }: Guest,
  { now, path }: { now: Date; path: readonly string[] },
): Promise<MembershipRow> {
  const exists = await lockWorkspace(tx, workspaceId);
  const invitation = exists ? await lockInvitation(tx, workspaceId, invitationId) : null;
  if (!invitation || invitation.status === "REVOKED") throw notFound("invitation", path);
  const current = await findMembershipOf(tx, workspaceId, userId);
  if (invitation.status === "ACCEPTED") {
    if (invitation.acceptedBy === userId && current?.removedAt === null) return current;
    throw invitationUsed(path);
  }
  if (invitationStatus({ storedStatus: invitation.status, expiresAt: invitation.expiresAt }, now) === "EXPIRED") {
    throw invitationExpired(path);
  }
  if (invitation.email !== email) throw forbidden("The invitation is for another e-mail address.", path);
  await settleInvitation(tx, invitation, { status: "ACCEPTED", acceptedBy: userId });
  if (current?.removedAt === null) return current; // a member already: an invitation changes nobody's role
  return joinWorkspace(tx, { workspaceId, userId, role: invitation.role, current }, now);
}

/** Makes the person a member. `current` is the membership they had before, if any: its version goes on. @throws UserFault LIMIT_EXCEEDED */
export async function joinWorkspace(
  tx: Transaction,
  joining: { workspaceId: string; userId: string; role: WorkspaceRole; current: MembershipRow | null },
  now: Date,
): Promise<MembershipRow> {
  const { workspaceId, userId, role, current } = joining;
  if ((await countMembershipsOf(tx, userId)) >= maxWorkspacesPerPerson) throw tooManyWorkspaces(maxWorkspacesPerPerson);
  const joined = current
    ? await updateMembership(tx, current, { role, joinedAt: now, removedAt: null })
    : await insertMembership(tx, { workspaceId, userId, role, membershipId: newId("membership"), joinedAt: now });
  await appendEvents(tx, [memberEvent("member.joined", joined, userId)]);
  return joined;
}
