import type { Authenticator } from "../auth/authenticator.ts";
import type { Principal } from "../auth/principal.ts";
import type { HttpRequest } from "../http/http-message.ts";

/** Proves who is calling; a caller without a token is anonymous, one with a bad token is refused. @throws RequestError 401, 503 */
export const createAuthenticate =
  ({ authenticator }: { readonly authenticator: Pick<Authenticator, "authenticate"> }) =>
  ({ headers }: HttpRequest): Principal | null | Promise<Principal> =>
    authenticator.authenticate(headers.authorization);
