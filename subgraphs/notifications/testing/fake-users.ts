import { createSignatureVerifier } from "@tributary/platform/request-signature";
import type { SubgraphClientTarget } from "@tributary/platform/subgraph-client";

export type KnownUser = {
  email: string;
  displayName: string;
  memberships: { id: string; role: string; version: number; workspaceId: string }[];
};
export type KnownInvitation = { email: string; status: string };

/** The users subgraph as far as notifications asks it: checks the signature, answers the two questions. */
export function createFakeUsers(secret: string) {
  const users = new Map<string, KnownUser>();
  const invitations = new Map<string, KnownInvitation>();
  const asked: string[] = [];
  const verifier = createSignatureVerifier({ secret, toleranceMs: 30_000 });

  function answer(body: { query: string; variables: { id?: string } }, userId: string) {
    if (body.query.includes("NotificationsInvitation")) {
      const invitation = invitations.get(body.variables.id ?? "");
      const preview = {
        workspaceName: "Rivermouth",
        inviterName: "Olive",
        role: "MEMBER",
        expiresAt: "2026-12-01T00:00:00.000Z",
      };
      return { node: invitation ?? null, invitationPreview: invitation ? preview : null };
    }
    const user = users.get(userId);
    if (!user) return { viewer: null };
    const { email, displayName, memberships } = user;
    return {
      viewer: {
        id: userId,
        email,
        timeZone: "Europe/Berlin",
        locale: "en",
        version: 1,
        user: { displayName, avatarUrl: null },
        memberships: memberships.map(({ workspaceId, ...rest }) => ({ ...rest, workspace: { id: workspaceId } })),
      },
    };
  }

  const target: SubgraphClientTarget = {
    server: {
      async handle({ method, path, headers, body }) {
        const identity = verifier.verify({ method, path, body, headers });
        asked.push(identity?.userId ?? "-");
        const data = answer(JSON.parse(body), identity?.userId ?? "");
        return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ data }) };
      },
    },
  };
  return { target, users, invitations, asked };
}
