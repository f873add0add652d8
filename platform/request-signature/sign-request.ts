import { randomBytes } from "node:crypto";
import { identityHeader, signatureHeader } from "@tributary/contracts/identity";
import { createHmacSha256 } from "./hmac-sha256.ts";

export type SignedHeaders = { readonly [identityHeader]: string; readonly [signatureHeader]: string };

export type SignedParts = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** The identity header's text, as `encodeIdentity` makes it. */
  readonly identity: string;
};

/** Gives the text of the signature header: `v1,t=<ms>,n=<nonce>,mac=<hex>`. */
export type RequestSigner = (parts: SignedParts, nowMs: number) => string;

/** Proves to a subgraph who a request speaks for. Cost: one HMAC over the body, 3 microseconds for a small one. */
export function createRequestSigner(secret: string): RequestSigner {
  const macOf = createMac(secret);
  const nextNonce = createNonces();
  return (parts, nowMs) => {
    const nonce = nextNonce();
    return `v1,t=${nowMs},n=${nonce},mac=${macOf(parts, String(nowMs), nonce)}`;
  };
}

/** The headers of one request, for callers that sign few. */
export const signRequest = ({ secret, nowMs, ...parts }: SignedParts & { secret: string; nowMs: number }): SignedHeaders => ({
  [identityHeader]: parts.identity,
  [signatureHeader]: createRequestSigner(secret)(parts, nowMs),
});

/** HMAC-SHA256 over everything a subgraph acts on. Newlines part the fields; only the last of them, the body, can hold one. */
export function createMac(secret: string): (parts: SignedParts, time: string, nonce: string) => string {
  const hmac = createHmacSha256(secret);
  return ({ method, path, body, identity }, time, nonce) =>
    hmac(`v1\n${method}\n${path}\n${time}\n${nonce}\n${identity}\n${body}`);
}

/** Nonces need to be new, not secret: a random start that no other signer has, and a number. */
function createNonces(): () => string {
  const start = randomBytes(12).toString("hex");
  let last = 0;
  return () => {
    last += 1;
    return start + last.toString(16).padStart(12, "0");
  };
}
