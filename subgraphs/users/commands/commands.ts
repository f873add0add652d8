import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import type { AccessTokens } from "../domain/access-tokens.ts";
import type { PasswordHasher } from "../domain/password-hasher.ts";
import type { RefreshTokens } from "../domain/refresh-tokens.ts";
import { createAcceptInvitation } from "./accept-invitation.ts";
import { type AttemptLimits, createAttemptThrottle } from "./attempt-throttle.ts";
import { createChangeMemberRole } from "./change-member-role.ts";
import { createCreateWorkspace } from "./create-workspace.ts";
import { createInviteMembers } from "./invite-members.ts";
import { createRefreshSession } from "./refresh-session.ts";
import { createRemoveMember } from "./remove-member.ts";
import { createRevokeInvitation } from "./revoke-invitation.ts";
import { createRevokeSessions } from "./revoke-sessions.ts";
import { createSignIn } from "./sign-in.ts";
import { createSignUp } from "./sign-up.ts";
import { createUpdateProfile } from "./update-profile.ts";

export type CommandParts = {
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly invitationTokens: InvitationTokenCodec;
  readonly attemptLimits: AttemptLimits;
  /** Keys what is derived from passwords for comparison. */
  readonly secret: string;
  readonly now: () => Date;
};

/** All writes of this subgraph. Made once per process; each takes its call as the first argument. */
export function createCommands({ attemptLimits, ...parts }: CommandParts) {
  const withThrottle = { ...parts, throttle: createAttemptThrottle(attemptLimits, parts.now) };
  return {
    signUp: createSignUp(withThrottle),
    signIn: createSignIn(withThrottle),
    refreshSession: createRefreshSession(parts),
    revokeSessions: createRevokeSessions(parts),
    updateProfile: createUpdateProfile(),
    createWorkspace: createCreateWorkspace(parts),
    inviteMembers: createInviteMembers(parts),
    acceptInvitation: createAcceptInvitation(parts),
    revokeInvitation: createRevokeInvitation(),
    changeMemberRole: createChangeMemberRole(),
    removeMember: createRemoveMember(parts),
  };
}

export type Commands = ReturnType<typeof createCommands>;
