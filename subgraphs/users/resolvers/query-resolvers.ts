import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { nodeQueries } from "./entity-resolvers.ts";
import type { UsersContext } from "./users-context.ts";

/** The roots of queries. */
export const createQueryResolvers = ({ invitationTokens }: { invitationTokens: InvitationTokenCodec }) => ({
  ...nodeQueries,
  viewer: (_: unknown, __: unknown, { loaders, identity }: UsersContext) => identity && loaders.viewerById.load(identity.userId),
  user: (_: unknown, { id }: { id: string }, { loaders }: UsersContext) => loaders.userById.load(id),
  workspace: (_: unknown, { ref }: { ref: { id: string } | { slug: string } }, { loaders }: UsersContext) =>
    "id" in ref ? loaders.workspaceById.load(ref.id) : loaders.workspaceBySlug.load(ref.slug.toLowerCase()),
  invitationPreview(_: unknown, { token }: { token: string }, { loaders }: UsersContext) {
    const invitation = invitationTokens.decode(token);
    return invitation && loaders.invitationPreview(invitation);
  },
});
