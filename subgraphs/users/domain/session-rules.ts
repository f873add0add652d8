/** A refresh token lives this long; each rotation starts it anew. */
export const refreshLifeMs = 30 * 24 * 60 * 60 * 1_000;

/** How long the token before the current one still answers, with the current one: a client whose answer was lost tries again. */
export const refreshGraceMs = 30_000;

/** Live sessions of one person; a sign-in beyond it ends the one unused for longest. */
export const maxSessions = 50;

/** What is known of a session's tokens. */
export type SessionTokens = {
  readonly generation: number;
  readonly tokenHash: string;
  readonly previousTokenHash: string | null;
  readonly rotatedAt: Date | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
};

/**
 * What to do with a genuine refresh token: `rotate` it; `repeat` the successor it was already exchanged for; `refuse` it (session
 * over); or treat it as a `replay`: someone else has, or had, the token, and the session must end.
 */
export type RefreshDecision = "rotate" | "repeat" | "refuse" | "replay";

/** Decides by the session's row, read under a lock. `tokenHash` is that of the token presented. */
export function decideRefresh(session: SessionTokens | null, tokenHash: string, now: Date): RefreshDecision {
  if (session === null || session.revokedAt !== null || session.expiresAt <= now) return "refuse";
  if (tokenHash === session.tokenHash) return "rotate";
  const inGrace = session.rotatedAt !== null && now.getTime() - session.rotatedAt.getTime() <= refreshGraceMs;
  return inGrace && tokenHash === session.previousTokenHash ? "repeat" : "replay";
}
