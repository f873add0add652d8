import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { findInvitationPreview } from "../repositories/invitation-repository.ts";
import { nodeQueries } from "./entity-resolvers.ts";
import type { UsersContext } from "./users-context.ts";

/** The roots of queries. */
export const createQueryResolvers = ({ invitationTokens }: { invitationTokens: InvitationTokenCodec }) => ({
  ...nodeQueries,
  viewer: (_: unknown, __: unknown, { loaders, identity }: UsersContext) => identity && loaders.viewerById.load(identity.userId),
  user: (_: unknown, { id }: { id: string }, { loaders }: UsersContext) => loaders.userById.load(id),
  workspace: (_: unknown, { ref }: { ref: { id: string } | { slug: string } }, { loaders }: UsersContext) =>
    "id" in ref ? loaders.workspaceById.load(ref.id) : loaders.workspaceBySlug.load(ref.slug.toLowerCase()),
  invitationPreview(_: unknown, { token }: { token: string }, { session, now }: UsersContext) {
    const invitation = invitationTokens.decode(token);
    return invitation && session.read((db) => findInvitationPreview(db, invitation, now()));
  },
});
