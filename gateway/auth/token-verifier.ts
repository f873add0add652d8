import { expandScopes } from "@tributary/contracts/scopes";
import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { unauthenticated, unavailable } from "../errors.ts";
import { KeysUnavailableError } from "./key-set.ts";
import type { Principal } from "./principal.ts";

export type TokenVerifierOptions = {
  readonly key: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly maxCachedTokens?: number;
  readonly now?: () => number;
};

export type TokenVerifier = {
  /** The principal of a token that was verified before and has not expired. */
  known(token: string): Principal | undefined;
  /** The principal of an access token. @throws RequestError 401, or 503 while its key cannot be fetched */
  verify(token: string): Promise<Principal>;
};

const clockToleranceSeconds = 5;
const claimsShape = z.object({
  sub: z.string().min(1).max(64),
  sid: z.string().min(1).max(64),
  scope: z.string().max(1_024),
  exp: z.number(),
});

/**
 * Verifies access tokens (RFC 9068) with everything fixed: algorithm, type, issuer, audience. Tokens that passed are
 * remembered until they expire, so that a signature is checked once; those that did not are not.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { key, issuer, audience, maxCachedTokens = 10_000, now = Date.now } = options;
  const verified = new LRUCache<string, Principal>({ max: maxCachedTokens });

  async function verifySignature(token: string): Promise<Principal> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ["EdDSA"],
        issuer,
        audience,
        typ: "at+jwt",
        requiredClaims: ["sub", "sid", "scope", "exp", "iat"],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now()),
      });
      return toPrincipal(claimsShape.parse(payload));
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw unavailable("Access tokens cannot be verified now.", 1_000, error);
      if (error instanceof errors.JWTExpired) throw unauthenticated("The access token has expired.", error);
      throw unauthenticated("The access token is not valid.", error);
    }
  }

  function known(token: string): Principal | undefined {
    const principal = verified.get(token);
    if (!principal || now() < principal.expiresAtMs + clockToleranceSeconds * 1_000) return principal;
    verified.delete(token);
    return undefined;
  }

  return {
    known,
    async verify(token) {
      const remembered = known(token);
      if (remembered) return remembered;
      const principal = await verifySignature(token);
      verified.set(token, principal);
      return principal;
    },
  };
}

function toPrincipal({ sub, sid, scope, exp }: z.infer<typeof claimsShape>): Principal {
  const granted = scope.split(" ").filter((name) => name !== "");
  const scopes = expandScopes(granted);
  return {
    identity: { userId: sub, sessionId: sid, scopes: granted },
    expiresAtMs: exp * 1_000,
    scopes,
    scopeKey: [...scopes].sort().join(" "),
  };
}
