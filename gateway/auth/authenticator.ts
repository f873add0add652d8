import { unauthenticated } from "../errors.ts";
import { readBearerToken } from "./bearer-token.ts";
import type { Principal } from "./principal.ts";
import type { Revocations } from "./revocations.ts";
import type { TokenVerifier } from "./token-verifier.ts";

export type Authenticator = {
  /** The principal of a request's `Authorization` header; null without one. @throws RequestError 401, 503 */
  authenticate(authorization: string | undefined): Promise<Principal | null>;
  /** The principal of a token that came another way, for example in `connection_init`. @throws RequestError 401, 503 */
  authenticateToken(token: string): Promise<Principal>;
};

/** Turns a bearer token into a principal: verified, and of a session that is not revoked. */
export function createAuthenticator({
  verifier,
  revocations,
}: {
  readonly verifier: TokenVerifier;
  readonly revocations: Pick<Revocations, "isRevoked">;
}): Authenticator {
  async function authenticateToken(token: string): Promise<Principal> {
    const principal = await verifier.verify(token);
    if (revocations.isRevoked(principal.identity.sessionId)) throw unauthenticated("The session has ended.");
    return principal;
  }
  return {
    authenticateToken,
    async authenticate(authorization) {
      const token = readBearerToken(authorization);
      return token === null ? null : authenticateToken(token);
    },
  };
}
