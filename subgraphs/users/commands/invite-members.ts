import { newId } from "@tributary/contracts/ids";
import { limitFault } from "@tributary/platform/errors";
import { idempotent } from "@tributary/platform/idempotency";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { normaliseEmail } from "../domain/emails.ts";
import { invitationLifeMs, maxInvitationsPerCall, maxPendingInvitations } from "../domain/invitation-rules.ts";
import { mayGrant, type WorkspaceRole } from "../domain/roles.ts";
import { forbidden, invalid, memberAlready, notFound } from "../errors.ts";
import {
  countPendingInvitations,
  findMemberEmails,
  insertInvitations,
  revokeInvitationsFor,
} from "../repositories/invitation-repository.ts";
import { findMembershipOf } from "../repositories/membership-writes.ts";
import { lockWorkspace } from "../repositories/workspace-repository.ts";
import { actorOf, type CommandCall, requireIdentity } from "./command-call.ts";

export type InviteMembersInput = {
  readonly workspaceId: string;
  readonly emails: readonly string[];
  readonly role: WorkspaceRole;
  readonly idempotencyKey?: string | null;
};

/**
 * Invites people by mail, all or none; a pending invitation of one of them is replaced. Gives the ids in the order of the addresses.
 * @throws UserFault NOT_FOUND, FORBIDDEN, INVALID, CONFLICT (a member already), LIMIT_EXCEEDED
 */
export const createInviteMembers =
  ({ now }: { now: () => Date }) =>
  async (call: CommandCall, input: InviteMembersInput): Promise<{ id: string }[]> => {
    const { userId } = requireIdentity(call);
    const { workspaceId, role, idempotencyKey } = input;
    const emails = readEmails(input.emails);
    return call.session.transaction({ userId, workspaceId }, (tx) =>
      idempotent(tx, {
        principal: userId,
        field: "inviteMembers",
        key: idempotencyKey,
        input: { workspaceId, emails, role },
        run: async () => {
          await requireRight(tx, { workspaceId, userId, role });
          await refuseMembers(tx, workspaceId, input.emails, emails);
          return invite(tx, { workspaceId, emails, role, userId }, now());
        },
      }),
    );
  };

function readEmails(texts: readonly string[]): string[] {
  const path = ["input", "emails"];
  if (texts.length === 0) throw invalid("Name at least one address.", path);
  if (texts.length > maxInvitationsPerCall) {
    throw limitFault(maxInvitationsPerCall, `Invite at most ${maxInvitationsPerCall} people at once.`, { path });
  }
  return [...new Set(texts.map(normaliseEmail))];
}

async function requireRight(
  tx: Transaction,
  { workspaceId, userId, role }: { workspaceId: string; userId: string; role: WorkspaceRole },
): Promise<void> {
  const exists = await lockWorkspace(tx, workspaceId); // else two at once could both stay below the limit
  const own = exists ? await findMembershipOf(tx, workspaceId, userId) : null;
  if (!own || own.removedAt !== null) throw notFound("workspace", ["input", "workspaceId"]);
  if (!mayGrant(own.role, role)) throw forbidden("Your role does not let you invite with this role.", ["input", "role"]);
}

async function refuseMembers(
  tx: Transaction,
  workspaceId: string,
  given: readonly string[],
  emails: readonly string[],
): Promise<void> {
  const members = new Set(await findMemberEmails(tx, workspaceId, emails));
  const index = given.findIndex((email) => members.has(normaliseEmail(email)));
  if (index >= 0) throw memberAlready(["input", "emails", String(index)]);
}

async function invite(
  tx: Transaction,
  { workspaceId, emails, role, userId }: { workspaceId: string; emails: string[]; role: WorkspaceRole; userId: string },
  now: Date,
): Promise<{ id: string }[]> {
  await revokeInvitationsFor(tx, workspaceId, emails);
  if ((await countPendingInvitations(tx, workspaceId, now)) + emails.length > maxPendingInvitations) {
    throw limitFault(maxPendingInvitations, `A workspace has at most ${maxPendingInvitations} open invitations.`);
  }
  const expiresAt = new Date(now.getTime() + invitationLifeMs);
  const rows = emails.map((email) => ({
    workspaceId,
    invitationId: newId("invitation"),
    email,
    role,
    invitedBy: userId,
    createdAt: now,
    expiresAt,
  }));
  await insertInvitations(tx, rows);
  await appendEvents(
    tx,
    rows.map(({ invitationId }) => ({
      type: "invitation.created" as const,
      workspaceId,
      aggregate: { type: "invitation", id: invitationId, version: 1 },
      actor: actorOf(userId),
      data: { invitationId },
    })),
  );
  return rows.map(({ invitationId }) => ({ id: invitationId }));
}
