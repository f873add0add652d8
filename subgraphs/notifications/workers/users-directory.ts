import { emptyConsistency } from "@tributary/contracts/consistency";
import { allScopes } from "@tributary/contracts/scopes";
import type { SubgraphClient } from "@tributary/platform/subgraph-client";
import { z } from "zod";
import type { InvitationFacts } from "../mail/templates/invitation-mail.ts";
import type { Membership } from "../repositories/access-repository.ts";
import type { UserProfile } from "../repositories/user-profile-repository.ts";

const timeoutMs = 3_000;
const role = z.enum(["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]);

const viewerQuery = `query NotificationsViewer { viewer { id email timeZone locale version user { displayName avatarUrl }
  memberships { id role version workspace { id } } } }`;
const viewerAnswer = z.object({
  viewer: z
    .object({
      id: z.string(),
      email: z.string(),
      timeZone: z.string(),
      locale: z.string(),
      version: z.number(),
      user: z.object({ displayName: z.string(), avatarUrl: z.string().nullable() }),
      memberships: z.array(z.object({ id: z.string(), role, version: z.number(), workspace: z.object({ id: z.string() }) })),
    })
    .nullable(),
});

const invitationQuery = `query NotificationsInvitation($id: ID!, $token: String!) {
  node(id: $id) { ... on Invitation { email status } }
  invitationPreview(token: $token) { workspaceName inviterName role expiresAt } }`;
const invitationAnswer = z.object({
  node: z.object({ email: z.string(), status: z.string() }).nullable(),
  invitationPreview: z.object({ workspaceName: z.string(), inviterName: z.string(), role, expiresAt: z.string() }).nullable(),
});

/** What users says of somebody right now. */
export type DirectoryEntry = { readonly profile: UserProfile; readonly memberships: readonly Membership[] };

export type UsersDirectory = {
  /** Asked as that user; null where users knows nobody of that id. @throws AppError UNAVAILABLE, TIMEOUT */
  findUser(userId: string): Promise<DirectoryEntry | null>;
  /** A pending invitation, asked as its inviter; null where there is nothing to mail any more. */
  findInvitation(request: {
    invitationId: string;
    inviterId: string;
    token: string;
  }): Promise<{ email: string; facts: InvitationFacts } | null>;
};

/** Asks the users subgraph what our projections do not have (yet), or may not keep. */
export function createUsersDirectory(client: SubgraphClient): UsersDirectory {
  const ask = (query: string, variables: Record<string, unknown>, userId: string, scopes: readonly string[]): Promise<unknown> =>
    client.query({ query, variables, identity: { userId, sessionId: null, scopes }, consistency: emptyConsistency, timeoutMs });

  return {
    async findUser(userId) {
      const { viewer } = viewerAnswer.parse(await ask(viewerQuery, {}, userId, ["profile:read", "workspace:read"]));
      if (!viewer) return null;
      const { email, timeZone, locale, version, user, memberships } = viewer;
      return {
        profile: { userId, email, timeZone, locale, version, ...user },
        memberships: memberships.map(({ id, role, version: membershipVersion, workspace }) => ({
          workspaceId: workspace.id,
          membershipId: id,
          userId,
          role,
          removedAt: null,
          version: membershipVersion,
        })),
      };
    },
    async findInvitation({ invitationId, inviterId, token }) {
      const answer = await ask(invitationQuery, { id: invitationId, token }, inviterId, allScopes);
      const { node, invitationPreview } = invitationAnswer.parse(answer);
      if (node?.status !== "PENDING" || !invitationPreview) return null;
      return { email: node.email, facts: invitationPreview };
    },
  };
}
