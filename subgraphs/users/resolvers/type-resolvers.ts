import { invitationStatus } from "../domain/invitation-rules.ts";
import { isManager } from "../domain/roles.ts";
import type { Invitation, Membership, Session, User, Viewer, Workspace } from "../domain/types.ts";
import { referenceResolvers } from "./entity-resolvers.ts";
import type { InvitationsArguments, MembersArguments } from "./paging.ts";
import type { UsersContext } from "./users-context.ts";

/** Fields that are not plain properties of a loaded row. */
export const typeResolvers = {
  Viewer: {
    ...referenceResolvers.Viewer,
    memberships: ({ id }: Viewer, _: unknown, { loaders }: UsersContext) => loaders.ownMemberships.load(id),
    sessions: ({ id }: Viewer, _: unknown, { loaders }: UsersContext) => loaders.ownSessions.load(id),
  },
  Session: {
    current: ({ id }: Session, _: unknown, { identity }: UsersContext) => id === identity?.sessionId,
  },
  User: {
    ...referenceResolvers.User,
    email: async ({ id }: User, _: unknown, { loaders }: UsersContext) => (await loaders.emailOfUser.load(id))?.email ?? null,
  },
  Workspace: {
    ...referenceResolvers.Workspace,
    members: ({ id }: Workspace, args: MembersArguments, { paging, loaders }: UsersContext) => paging.members(loaders, id, args),
    invitations: ({ id, viewerRole }: Workspace, args: InvitationsArguments, { paging, loaders }: UsersContext) =>
      isManager(viewerRole) ? paging.invitations(loaders, id, args) : null,
  },
  Membership: {
    ...referenceResolvers.Membership,
    workspace: ({ workspaceId }: Membership, _: unknown, { loaders }: UsersContext) => loaders.workspaceById.load(workspaceId),
  },
  Invitation: {
    ...referenceResolvers.Invitation,
    status: (invitation: Invitation, _: unknown, { now }: UsersContext) => invitationStatus(invitation, now()),
  },
};
