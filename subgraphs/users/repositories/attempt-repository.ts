import type { Transaction } from "@tributary/platform/postgres";
import { inArray, lt, sql } from "drizzle-orm";
import { attemptWindow } from "../db/schema.ts";

export type AttemptCount = { readonly key: string; readonly attempts: number; readonly endsAt: Date };

/**
 * Counts one attempt for each key and gives the counts, this attempt included. A window that is over starts anew. Counting
 * before the attempt is made keeps parallel ones from slipping past.
 */
export function countAttempts(tx: Transaction, keys: readonly string[], now: Date, windowMs: number): Promise<AttemptCount[]> {
  const endsAt = new Date(now.getTime() + windowMs);
  const isOver = sql`${attemptWindow.endsAt} <= ${now.toISOString()}::timestamptz`;
  return tx
    .insert(attemptWindow)
    .values([...keys].sort().map((key) => ({ key, attempts: 1, endsAt }))) // sorted: two that share keys lock them in one order
    .onConflictDoUpdate({
      target: attemptWindow.key,
      set: {
        attempts: sql`case when ${isOver} then 1 else ${attemptWindow.attempts} + 1 end`,
        endsAt: sql`case when ${isOver} then excluded.ends_at else ${attemptWindow.endsAt} end`,
      },
    })
    .returning();
}

/** Takes one attempt back for each key. */
export const forgiveAttempts = (tx: Transaction, keys: readonly string[]): Promise<unknown> =>
  tx
    .update(attemptWindow)
    .set({ attempts: sql`greatest(${attemptWindow.attempts} - 1, 0)` })
    .where(inArray(attemptWindow.key, [...keys]));

/** Forgets all attempts of the keys. */
export const clearAttempts = (tx: Transaction, keys: readonly string[]): Promise<unknown> =>
  tx.delete(attemptWindow).where(inArray(attemptWindow.key, [...keys]));

/** Deletes windows that are over. */
export const deleteAttemptsEndedBefore = (tx: Pick<Transaction, "delete">, moment: Date): Promise<unknown> =>
  tx.delete(attemptWindow).where(lt(attemptWindow.endsAt, moment));
