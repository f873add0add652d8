import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { notFound, unauthenticated } from "../errors.ts";
import { findUserById } from "../repositories/user-repository.ts";
import { type CommandCall, requireIdentity } from "./command-call.ts";
import { joinByInvitation } from "./join-workspace.ts";

type AcceptParts = { readonly invitationTokens: InvitationTokenCodec; readonly now: () => Date };

/** Makes the caller a member by the token of an invitation to their address. @throws UserFault as `joinByInvitation` */
export const createAcceptInvitation =
  ({ invitationTokens, now }: AcceptParts) =>
  async (call: CommandCall, token: string): Promise<{ id: string }> => {
    const { userId } = requireIdentity(call);
    const path = ["token"];
    const invitation = invitationTokens.decode(token);
    if (invitation === null) throw notFound("invitation", path);
    return call.session.transaction({ userId, workspaceId: invitation.workspaceId }, async (tx) => {
      const user = await findUserById(tx, userId);
      if (!user) throw unauthenticated(); // the account is gone, its token not yet
      const { membershipId } = await joinByInvitation(tx, invitation, { userId, email: user.email }, { now: now(), path });
      return { id: membershipId };
    });
  };
