import { layOut, type MailBody } from "./layout.ts";

export type InvitationFacts = {
  readonly workspaceName: string;
  readonly inviterName: string;
  readonly role: string;
  /** RFC 3339. */
  readonly expiresAt: string;
};

/** Invites somebody; the link carries the token that accepts. */
export function invitationMail({
  facts,
  token,
  publicUrl,
}: {
  facts: InvitationFacts;
  token: string;
  publicUrl: string;
}): MailBody {
  const { workspaceName, inviterName, role, expiresAt } = facts;
  return layOut({
    subject: `${inviterName} invites you to ${workspaceName}`,
    lines: [
      `${inviterName} invites you to the workspace ${workspaceName} on Tributary, as ${role.toLowerCase()}.`,
      `The invitation is good until ${expiresAt.slice(0, 10)}.`,
    ],
    link: {
      label: "Accept the invitation",
      url: new URL(`invitations/accept?token=${encodeURIComponent(token)}`, publicUrl).href,
    },
  });
}
