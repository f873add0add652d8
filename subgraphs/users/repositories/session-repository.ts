import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, or } from "drizzle-orm";
import { userSession } from "../db/schema.ts";
import { maxSessions } from "../domain/session-rules.ts";
import type { Session } from "../domain/types.ts";

export type SessionRow = typeof userSession.$inferSelect;

const isLive = (now: Date) => and(isNull(userSession.revokedAt), gt(userSession.expiresAt, now));

/** A person's live sessions, the last used first. */
export const findLiveSessions = (db: ReadDatabase, userId: string, now: Date): Promise<Session[]> =>
  db
    .select({
      id: userSession.sessionId,
      device: userSession.device,
      ipAddress: userSession.ipAddress,
      createdAt: userSession.createdAt,
      lastSeenAt: userSession.lastSeenAt,
    })
    .from(userSession)
    .where(and(eq(userSession.userId, userId), isLive(now)))
    .orderBy(desc(userSession.lastSeenAt), desc(userSession.sessionId))
    .limit(maxSessions);

export const insertSession = (tx: Transaction, row: typeof userSession.$inferInsert): Promise<unknown> =>
  tx.insert(userSession).values(row);

export async function lockSession(tx: Transaction, userId: string, sessionId: string): Promise<SessionRow | null> {
  const [row] = await tx
    .select()
    .from(userSession)
    .where(and(eq(userSession.userId, userId), eq(userSession.sessionId, sessionId)))
    .for("update");
  return row ?? null;
}

export const updateSession = (
  tx: Transaction,
  { userId, sessionId }: Pick<SessionRow, "userId" | "sessionId">,
  change: Partial<typeof userSession.$inferInsert>,
): Promise<unknown> =>
  tx
    .update(userSession)
    .set(change)
    .where(and(eq(userSession.userId, userId), eq(userSession.sessionId, sessionId)));

/** Which of a person's sessions to end. */
export type SessionSelection = { readonly ids: readonly string[] } | { readonly allExcept: string | null };

/** Ends live sessions and tells which. */
export async function revokeLiveSessions(
  tx: Transaction,
  userId: string,
  selection: SessionSelection,
  now: Date,
): Promise<string[]> {
  const selected =
    "ids" in selection
      ? inArray(userSession.sessionId, [...selection.ids])
      : selection.allExcept === null
        ? undefined
        : ne(userSession.sessionId, selection.allExcept);
  const rows = await tx
    .update(userSession)
    .set({ revokedAt: now })
    .where(and(eq(userSession.userId, userId), isLive(now), selected))
    .returning({ id: userSession.sessionId });
  return rows.map(({ id }) => id);
}

/** Those of the ids that are the person's sessions, live or over. */
export async function findOwnSessionIds(tx: Transaction, userId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tx
    .select({ id: userSession.sessionId })
    .from(userSession)
    .where(and(eq(userSession.userId, userId), inArray(userSession.sessionId, [...ids])));
  return rows.map(({ id }) => id);
}

/** Live sessions beyond the first `keep`, the last used first. */
export async function findSessionsBeyond(tx: Transaction, userId: string, keep: number, now: Date): Promise<string[]> {
  const rows = await tx
    .select({ id: userSession.sessionId })
    .from(userSession)
    .where(and(eq(userSession.userId, userId), isLive(now)))
    .orderBy(desc(userSession.lastSeenAt), desc(userSession.sessionId))
    .offset(keep);
  return rows.map(({ id }) => id);
}

/** Deletes a person's sessions that ended before a moment. */
export const deleteSessionsEndedBefore = (tx: Transaction, userId: string, moment: Date): Promise<unknown> =>
  tx
    .delete(userSession)
    .where(
      and(
        eq(userSession.userId, userId),
        or(lt(userSession.expiresAt, moment), and(isNotNull(userSession.revokedAt), lt(userSession.revokedAt, moment))),
      ),
    );
