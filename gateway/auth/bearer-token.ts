import { unauthenticated } from "../errors.ts";

// Ours have about 500 bytes; what is far longer is not worth a signature check.
const maxTokenLength = 8 * 1024;

/** The token of an `Authorization` header (RFC 6750 section 2.1), null without the header. @throws RequestError 401 */
export function readBearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  // The scheme and blanks beside the token are not worth counting apart.
  const match = authorization.length > maxTokenLength ? null : /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization);
  if (!match) throw unauthenticated("The Authorization header has no bearer token.");
  return match[1]!;
}
