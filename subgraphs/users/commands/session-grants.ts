import type { Transaction } from "@tributary/platform/postgres";
import type { AccessTokens } from "../domain/access-tokens.ts";
import { hashOfRefreshToken, type RefreshToken } from "../domain/refresh-tokens.ts";
import { maxSessions, refreshLifeMs } from "../domain/session-rules.ts";
import {
  deleteSessionsEndedBefore,
  findSessionsBeyond,
  insertSession,
  revokeLiveSessions,
} from "../repositories/session-repository.ts";
import { appendSessionsRevoked } from "./session-events.ts";

/** What a client gets that has signed in. */
export type SessionGrant = {
  readonly userId: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
};

const maxDeviceLength = 100;
// Ended sessions are kept for a while: a replayed token of one is then known as such in the logs.
const keepEndedMs = 7 * 24 * 60 * 60 * 1_000;

/** Opens a session whose first refresh token is `token`; ends the sessions unused for longest beyond the limit. */
export async function openSession(
  tx: Transaction,
  token: RefreshToken,
  { device, clientIp, now }: { device: string | null | undefined; clientIp: string | null; now: Date },
): Promise<void> {
  const { userId, sessionId, generation } = token;
  await deleteSessionsEndedBefore(tx, userId, new Date(now.getTime() - keepEndedMs));
  await insertSession(tx, {
    userId,
    sessionId,
    device: cleanDevice(device),
    ipAddress: clientIp,
    generation,
    tokenHash: hashOfRefreshToken(token),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + refreshLifeMs),
  });
  const beyond = await findSessionsBeyond(tx, userId, maxSessions, now);
  if (beyond.length === 0) return;
  await appendSessionsRevoked(tx, userId, await revokeLiveSessions(tx, userId, { ids: beyond }, now));
}

/** The pair of tokens of a session: this refresh token, and an access token issued at `issuedAt`. */
export async function grantSession(accessTokens: AccessTokens, token: RefreshToken, issuedAt: Date): Promise<SessionGrant> {
  const { userId, sessionId } = token;
  const access = await accessTokens.issue({ userId, sessionId }, issuedAt);
  return { userId, sessionId, accessToken: access.text, accessTokenExpiresAt: access.expiresAt, refreshToken: token.text };
}

const cleanDevice = (device: string | null | undefined): string =>
  (device ?? "")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, maxDeviceLength) || "Unknown device";
