import { createHash } from "node:crypto";
import { allScopes } from "@tributary/contracts/scopes";
import { calculateJwkThumbprint, importJWK, type JSONWebKeySet, type JWK, SignJWT } from "jose";

/** Long enough for few refreshes, short enough as the life of a deny-list entry. */
const accessTokenLifeSeconds = 600;

export type AccessToken = { readonly text: string; readonly expiresAt: Date };

export type AccessTokens = {
  /** A token of a session, issued at `issuedAt`. The same arguments give the same token: Ed25519 signs without randomness. */
  issue(owner: { userId: string; sessionId: string }, issuedAt: Date): Promise<AccessToken>;
  /** The public keys that tokens are checked with. */
  readonly keys: JSONWebKeySet;
};

export type AccessTokenSettings = { readonly privateJwk: JWK; readonly issuer: string; readonly audience: string };

/** Issues access tokens: JWTs of type `at+jwt` (RFC 9068), signed with Ed25519. @throws Error where the key is no Ed25519 private key */
export async function createAccessTokens({ privateJwk, issuer, audience }: AccessTokenSettings): Promise<AccessTokens> {
  if (privateJwk.kty !== "OKP" || privateJwk.crv !== "Ed25519" || !privateJwk.d || !privateJwk.x) {
    throw new TypeError("the token key is not an Ed25519 private JWK");
  }
  const publicJwk = { kty: "OKP", crv: "Ed25519", x: privateJwk.x };
  const kid = privateJwk.kid ?? (await calculateJwkThumbprint(publicJwk));
  const key = await importJWK({ ...publicJwk, d: privateJwk.d }, "EdDSA");

  return {
    keys: { keys: [{ ...publicJwk, kid, alg: "EdDSA", use: "sig" }] },
    async issue({ userId, sessionId }, issuedAt) {
      const issuedAtSeconds = Math.floor(issuedAt.getTime() / 1_000);
      const expiresAtSeconds = issuedAtSeconds + accessTokenLifeSeconds;
      const text = await new SignJWT({ sid: sessionId, scope: allScopes.join(" ") })
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAtSeconds)
        .setExpirationTime(expiresAtSeconds)
        .setJti(tokenId(sessionId, issuedAt))
        .sign(key);
      return { text, expiresAt: new Date(expiresAtSeconds * 1_000) };
    },
  };
}

const tokenId = (sessionId: string, issuedAt: Date): string =>
  createHash("sha256").update(`${sessionId} ${issuedAt.toISOString()}`).digest("base64url").slice(0, 22);
