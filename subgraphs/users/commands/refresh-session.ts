import type { Transaction } from "@tributary/platform/postgres";
import type { AccessTokens } from "../domain/access-tokens.ts";
import { hashOfRefreshToken, type RefreshToken, type RefreshTokens } from "../domain/refresh-tokens.ts";
import { decideRefresh, type RefreshDecision, refreshLifeMs } from "../domain/session-rules.ts";
import { badCredentials } from "../errors.ts";
import { lockSession, revokeLiveSessions, updateSession } from "../repositories/session-repository.ts";
import { findUserById } from "../repositories/user-repository.ts";
import type { CommandCall } from "./command-call.ts";
import { appendReplayDetected } from "./session-events.ts";
import { grantSession, type SessionGrant } from "./session-grants.ts";

type RefreshParts = { readonly accessTokens: AccessTokens; readonly refreshTokens: RefreshTokens; readonly now: () => Date };

/**
 * Exchanges a refresh token for its successor and a new access token. Repeated within 30 seconds, before the successor was used,
 * it gives the same successor; later it ends the session. @throws UserFault BAD_CREDENTIALS
 */
export function createRefreshSession({ accessTokens, refreshTokens, now }: RefreshParts) {
  return async (call: CommandCall, text: string): Promise<SessionGrant> => {
    const token = refreshTokens.open(text);
    if (token === null) throw badCredentials();
    const successor = refreshTokens.successor(token);
    const at = now();
    const decision = await call.session.transaction({ userId: token.userId }, async (tx) => {
      const decided = await decide(tx, token, at);
      if (decided === "rotate") await rotate(tx, token, successor, call.clientIp, at);
      if (decided === "replay") await endReplayed(tx, token, call.clientIp, at);
      return decided;
    });
    // Only here: thrown inside of the transaction it would undo the end of the session.
    if (decision !== "rotate" && decision !== "repeat") throw badCredentials();
    return grantSession(accessTokens, successor, at);
  };
}

async function decide(tx: Transaction, token: RefreshToken, now: Date): Promise<RefreshDecision> {
  const session = await lockSession(tx, token.userId, token.sessionId);
  const user = await findUserById(tx, token.userId);
  if (user?.status !== "ACTIVE") return "refuse";
  return decideRefresh(session, hashOfRefreshToken(token), now);
}

const rotate = (tx: Transaction, token: RefreshToken, successor: RefreshToken, clientIp: string | null, now: Date) =>
  updateSession(tx, token, {
    generation: successor.generation,
    tokenHash: hashOfRefreshToken(successor),
    previousTokenHash: hashOfRefreshToken(token),
    rotatedAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + refreshLifeMs),
    ...(clientIp !== null && { ipAddress: clientIp }),
  });

async function endReplayed(tx: Transaction, token: RefreshToken, ip: string | null, now: Date): Promise<void> {
  const sessionIds = await revokeLiveSessions(tx, token.userId, { ids: [token.sessionId] }, now);
  await appendReplayDetected(tx, { userId: token.userId, sessionIds, ip });
}
