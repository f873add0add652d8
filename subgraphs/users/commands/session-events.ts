import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { actorOf } from "./command-call.ts";

const aggregateOf = (sessionIds: readonly string[]) => ({ type: "session", id: sessionIds[0]!, version: 1 });

/** Tells gateways and sockets that the sessions are over. Nothing for none. */
export async function appendSessionsRevoked(tx: Transaction, userId: string, sessionIds: string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await appendEvents(tx, [
    { type: "session.revoked", aggregate: aggregateOf(sessionIds), actor: actorOf(userId), data: { userId, sessionIds } },
  ]);
}

/** Tells that an old refresh token came back and its session was ended for it. */
export async function appendReplayDetected(
  tx: Transaction,
  { userId, sessionIds, ip }: { userId: string; sessionIds: string[]; ip: string | null },
): Promise<void> {
  const aggregate = aggregateOf(sessionIds);
  const actor = { type: "system", id: "users" } as const; // whoever replayed the token need not be its owner
  await appendEvents(tx, [
    { type: "session.replay_detected", aggregate, actor, data: { userId, sessionIds, ip } },
    { type: "session.revoked", aggregate, actor, data: { userId, sessionIds } },
  ]);
}
