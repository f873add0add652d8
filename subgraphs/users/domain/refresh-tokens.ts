import { createHash, createHmac, randomBytes } from "node:crypto";
import type { SignedTextCodec } from "@tributary/contracts/cursors";

/** A genuine refresh token, taken apart. Whether it still works is up to its session's row. */
export type RefreshToken = {
  readonly userId: string;
  readonly sessionId: string;
  /** 1 for the token of the sign-in, counting up with each rotation. */
  readonly generation: number;
  readonly text: string;
};

export type RefreshTokens = {
  /** The first token of a session. `seed` makes it reproducible to whoever knows the seed (and the secret); absent: random. */
  first(owner: { userId: string; sessionId: string }, seed?: string): RefreshToken;
  /** The token after this one: always the same, so that it can be given again when its answer was lost. */
  successor(token: RefreshToken): RefreshToken;
  /** Null for a text that was not made here. */
  open(text: string): RefreshToken | null;
};

/** What is stored of a token. The token has 256 random bits, so one round of SHA-256 suffices. */
export const hashOfRefreshToken = (token: RefreshToken): string => createHash("sha256").update(token.text).digest("base64url");

/**
 * Makes and opens refresh tokens. They are sealed, so that a replayed old token is told from a made-up one, and their secret part
 * is random at first, then derived from the token before under the server's secret: the server can repeat a successor it has
 * not stored, and whoever holds an old token cannot compute it.
 */
export function createRefreshTokens(codec: SignedTextCodec, secret: string): RefreshTokens {
  const make = (userId: string, sessionId: string, generation: number, proof: string): RefreshToken => ({
    userId,
    sessionId,
    generation,
    text: codec.seal("refresh", `${userId} ${sessionId} ${generation} ${proof}`),
  });
  const derive = (purpose: string, text: string): string =>
    createHmac("sha256", secret).update(`${purpose}\0`).update(text).digest("base64url");

  return {
    first: ({ userId, sessionId }, seed) =>
      make(
        userId,
        sessionId,
        1,
        seed === undefined ? randomBytes(32).toString("base64url") : derive("refresh-first", `${sessionId} ${seed}`),
      ),
    successor: (token) => make(token.userId, token.sessionId, token.generation + 1, derive("refresh-successor", token.text)),
    open(text) {
      const match = /^(usr_\w{26}) (ses_\w{26}) (\d{1,9}) [\w-]{43}$/.exec(codec.open("refresh", text) ?? "");
      return match ? { userId: match[1]!, sessionId: match[2]!, generation: Number(match[3]), text } : null;
    },
  };
}
