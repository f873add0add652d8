import { asPayload, type UserErrorShape } from "@tributary/platform/errors";
import type { ChangeMemberRoleInput } from "../commands/change-member-role.ts";
import type { CreateWorkspaceInput } from "../commands/create-workspace.ts";
import type { InviteMembersInput } from "../commands/invite-members.ts";
import type { RevokeSessionsInput } from "../commands/revoke-sessions.ts";
import type { SessionGrant } from "../commands/session-grants.ts";
import type { SignInInput } from "../commands/sign-in.ts";
import type { SignUpInput } from "../commands/sign-up.ts";
import type { UpdateProfileInput } from "../commands/update-profile.ts";
import { runCommand, type UsersContext } from "./users-context.ts";

type Input<T> = { readonly input: T };

/** The roots of mutations: each runs one command. */
export const mutationResolvers = {
  signUp: (_: unknown, { input }: Input<SignUpInput>, context: UsersContext) =>
    sessionPayload(context, () => context.commands.signUp(context, input)),
  signIn: (_: unknown, { input }: Input<SignInInput>, context: UsersContext) =>
    sessionPayload(context, () => context.commands.signIn(context, input)),
  refreshSession: (_: unknown, { refreshToken }: { refreshToken: string }, context: UsersContext) =>
    sessionPayload(context, () => context.commands.refreshSession(context, refreshToken)),
  revokeSessions: (_: unknown, { input }: Input<RevokeSessionsInput>, context: UsersContext) =>
    entityPayload("viewer", context, () => context.commands.revokeSessions(context, input)),
  updateProfile: (_: unknown, { input }: Input<UpdateProfileInput>, context: UsersContext) =>
    entityPayload("viewer", context, () => context.commands.updateProfile(context, input)),
  createWorkspace: (_: unknown, { input }: Input<CreateWorkspaceInput>, context: UsersContext) =>
    entityPayload("workspace", context, () => context.commands.createWorkspace(context, input)),
  inviteMembers: (_: unknown, { input }: Input<InviteMembersInput>, context: UsersContext) =>
    entityPayload("invitations", context, () => context.commands.inviteMembers(context, input)),
  acceptInvitation: (_: unknown, { token }: { token: string }, context: UsersContext) =>
    entityPayload("membership", context, () => context.commands.acceptInvitation(context, token)),
  revokeInvitation: (_: unknown, { id }: { id: string }, context: UsersContext) =>
    ackPayload(context, () => context.commands.revokeInvitation(context, id)),
  changeMemberRole: (_: unknown, { input }: Input<ChangeMemberRoleInput>, context: UsersContext) =>
    entityPayload("membership", context, () => context.commands.changeMemberRole(context, input)),
  removeMember: (_: unknown, { membershipId }: { membershipId: string }, context: UsersContext) =>
    ackPayload(context, () => context.commands.removeMember(context, membershipId)),
};

type Ref = { readonly id: string };

/** Commands and faults name entities by id; these load them, as the payload's reader may see them. */
export const payloadResolvers = {
  SessionPayload: {
    viewer: ({ viewer }: { viewer: Ref | null }, _: unknown, { loaders }: UsersContext) =>
      viewer && loaders.viewerById.load(viewer.id),
  },
  ViewerPayload: {
    viewer: ({ viewer }: { viewer: Ref | null }, _: unknown, { loaders }: UsersContext) =>
      viewer && loaders.viewerById.load(viewer.id),
  },
  WorkspacePayload: {
    workspace: ({ workspace }: { workspace: Ref | null }, _: unknown, { loaders }: UsersContext) =>
      workspace && loaders.workspaceById.load(workspace.id),
  },
  InvitationsPayload: {
    async invitations({ invitations }: { invitations: Ref[] | null }, _: unknown, { loaders }: UsersContext) {
      if (invitations === null) return null;
      const loaded = await Promise.all(invitations.map(({ id }) => loaders.invitationById.load(id)));
      return loaded.filter((invitation) => invitation !== null);
    },
  },
  MembershipPayload: {
    membership: ({ membership }: { membership: Ref | null }, _: unknown, { loaders }: UsersContext) =>
      membership && loaders.membershipById.load(membership.id),
  },
};

const entityPayload = <Key extends string, Entity>(key: Key, context: UsersContext, command: () => Promise<Entity>) =>
  asPayload(key, () => runCommand(context, command));

async function sessionPayload(context: UsersContext, command: () => Promise<SessionGrant>) {
  const { grant, errors } = await asPayload("grant", () => runCommand(context, command, ({ userId }) => userId));
  return { ...grant, viewer: grant && { id: grant.userId }, errors };
}

async function ackPayload(
  context: UsersContext,
  command: () => Promise<void>,
): Promise<{ ok: boolean; errors: UserErrorShape[] }> {
  const { done, errors } = await asPayload("done", async () => {
    await runCommand(context, command);
    return true;
  });
  return { ok: done === true, errors };
}
