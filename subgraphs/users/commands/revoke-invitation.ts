import { isManager, mayGrant } from "../domain/roles.ts";
import { forbidden, invitationUsed, notFound } from "../errors.ts";
import { findWorkspaceOf, lockInvitation, settleInvitation } from "../repositories/invitation-repository.ts";
import { findMembershipOf } from "../repositories/membership-writes.ts";
import { type CommandCall, requireIdentity } from "./command-call.ts";

/** Takes an invitation back; one revoked before stays so. @throws UserFault NOT_FOUND, FORBIDDEN, CONFLICT (accepted) */
export const createRevokeInvitation =
  () =>
  async (call: CommandCall, id: string): Promise<void> => {
    const { userId } = requireIdentity(call);
    const path = ["id"];
    const workspaceId = await call.session.read((db) => findWorkspaceOf(db, "invitation", id));
    if (workspaceId === null) throw notFound("invitation", path);
    await call.session.transaction({ userId, workspaceId }, async (tx) => {
      const invitation = await lockInvitation(tx, workspaceId, id);
      const own = await findMembershipOf(tx, workspaceId, userId);
      if (!invitation || !own || own.removedAt !== null || !isManager(own.role)) throw notFound("invitation", path);
      if (!mayGrant(own.role, invitation.role)) throw forbidden("Your role does not let you revoke this invitation.", path);
      if (invitation.status === "ACCEPTED") throw invitationUsed(path);
      if (invitation.status === "PENDING") await settleInvitation(tx, invitation, { status: "REVOKED" });
    });
  };
