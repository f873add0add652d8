import type { SignedTextCodec } from "./cursors.ts";

/** The invitation a token stands for. */
export type InvitationRef = { readonly workspaceId: string; readonly invitationId: string };

/**
 * Tokens of invitation links. A token is derived from the invitation's ids under the codec's secret, so it is neither stored nor
 * sent between services: whoever mails it makes it. That it works once and for 7 days is up to the invitation's row.
 */
export function createInvitationTokenCodec(codec: SignedTextCodec) {
  return {
    encode: ({ workspaceId, invitationId }: InvitationRef): string => codec.seal("invitation", `${workspaceId} ${invitationId}`),
    /** The invitation, or null for a token that is not ours. */
    decode(token: string): InvitationRef | null {
      const match = /^(wsp_\w{26}) (inv_\w{26})$/.exec(codec.open("invitation", token) ?? "");
      return match ? { workspaceId: match[1]!, invitationId: match[2]! } : null;
    },
  };
}

export type InvitationTokenCodec = ReturnType<typeof createInvitationTokenCodec>;
