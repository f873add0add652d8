import { unauthenticated } from "../errors.ts";
import { readBearerToken } from "./bearer-token.ts";
import type { Principal } from "./principal.ts";
import type { Revocations } from "./revocations.ts";
import type { TokenVerifier } from "./token-verifier.ts";

export type Authenticator = {
  /**
   * The principal of a request's `Authorization` header; null without one. At once for a token that was verified before: no
   * promise on the common way. @throws RequestError 401, 503
   */
  authenticate(authorization: string | undefined): Principal | null | Promise<Principal>;
};

/** Turns a bearer token into a principal: verified, and of a session that is not revoked. */
export function createAuthenticator({
  verifier,
  revocations,
}: {
  readonly verifier: TokenVerifier;
  readonly revocations: Pick<Revocations, "isRevoked">;
}): Authenticator {
  const requireSession = (principal: Principal): Principal => {
    if (revocations.isRevoked(principal.identity.sessionId)) throw unauthenticated("The session has ended.");
    return principal;
  };
  return {
    authenticate(authorization) {
      const token = readBearerToken(authorization);
      if (token === null) return null;
      const known = verifier.known(token);
      return known ? requireSession(known) : verifier.verify(token).then(requireSession);
    },
  };
}
