import { z } from "zod";

/** Who a request speaks for, as the gateway proved it and as subgraphs trust it. */
export type Identity = {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly scopes: readonly string[];
};

/** Carries the identity from gateway to subgraph; covered by the signature. An anonymous request sends `-`. */
export const identityHeader = "x-tributary-identity";
/** Proves that a subgraph request comes from a holder of the subgraph secret. */
export const signatureHeader = "x-tributary-signature";
export const requestIdHeader = "x-request-id";
/** Milliseconds this request may still take. */
export const deadlineHeader = "x-deadline-ms";
/** The address of the client, as the gateway saw it. */
export const clientAddressHeader = "x-tributary-client-address";

const anonymous = "-";
// A gateway keeps the identity of a verified token: its text is made once, not for each subgraph call.
const encoded = new WeakMap<Identity, string>();
const identityShape = z.object({
  userId: z.string().min(1).max(64),
  sessionId: z.string().max(64).nullable(),
  scopes: z.array(z.string().max(64)).max(32),
});

/** The header text of an identity; null is the anonymous caller. */
export function encodeIdentity(identity: Identity | null): string {
  if (identity === null) return anonymous;
  const known = encoded.get(identity);
  if (known !== undefined) return known;
  const { userId, sessionId, scopes } = identity;
  const text = Buffer.from(JSON.stringify({ userId, sessionId, scopes })).toString("base64url");
  encoded.set(identity, text);
  return text;
}

/** Reads the header text back. @throws SyntaxError where it was not made by `encodeIdentity`. */
export function decodeIdentity(text: string): Identity | null {
  if (text === anonymous) return null;
  const parsed = identityShape.safeParse(parseJson(Buffer.from(text, "base64url").toString()));
  if (!parsed.success) throw new SyntaxError("malformed identity header");
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema above refuses it with one message
  }
}
