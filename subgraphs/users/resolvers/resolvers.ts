import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { mutationResolvers, payloadResolvers } from "./mutation-resolvers.ts";
import { createQueryResolvers } from "./query-resolvers.ts";
import { typeResolvers } from "./type-resolvers.ts";

/** All resolvers of this subgraph, by type. */
export const createResolvers = (parts: { invitationTokens: InvitationTokenCodec }) => ({
  Query: createQueryResolvers(parts),
  Mutation: mutationResolvers,
  ...payloadResolvers,
  ...typeResolvers,
});
