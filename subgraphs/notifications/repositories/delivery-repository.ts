import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, asc, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import { delivery } from "../db/schema.ts";
import { claimLeaseMs, type Delivery, type DeliveryContent, type DeliveryStatus } from "../domain/delivery.ts";
import { anyOf } from "./any-of.ts";

export type DeliveryKey = { readonly recipientId: string; readonly id: string };
export type NewDelivery = Pick<Delivery, "recipientId" | "id" | "eventId" | "channel" | "notificationId" | "content">;
export type Outcome = Pick<Delivery, "status" | "reason" | "notBefore" | "possibleDuplicate">;

const firstCheckMs = 60_000; // a message normally leaves within seconds
const open: DeliveryStatus[] = ["QUEUED", "RETRYING"];
const ofKey = ({ recipientId, id }: DeliveryKey) => and(eq(delivery.recipientId, recipientId), eq(delivery.id, id));
const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

// Written by `insert` alone, from that very type.
const toDelivery = (row: typeof delivery.$inferSelect): Delivery => ({ ...row, content: row.content as DeliveryContent });

/** Writes need `app.user_id` set to the recipient. */
export const deliveryRepository = {
  /** False where the message exists: the event came a second time. */
  async insert(tx: Transaction, row: NewDelivery, now: Date): Promise<boolean> {
    const made = await tx
      .insert(delivery)
      .values({ ...row, status: "QUEUED", createdAt: now, checkAt: after(now, firstCheckMs) })
      .onConflictDoNothing()
      .returning({ id: delivery.id });
    return made.length > 0;
  },

  /**
   * Takes the message for one attempt, before anything is sent. Null where it is settled, not yet due, or in other hands.
   * A claim whose holder never told the outcome is taken over, and the message marked as possibly sent twice.
   */
  async claim(tx: Transaction, key: DeliveryKey, now: Date): Promise<Delivery | null> {
    const leaseStart = after(now, -claimLeaseMs);
    const [row] = await tx
      .update(delivery)
      .set({
        fence: sql`${delivery.fence} + 1`,
        attempts: sql`${delivery.attempts} + 1`,
        possibleDuplicate: sql`${delivery.possibleDuplicate} or ${delivery.claimedAt} is not null`,
        claimedAt: now,
        lastAttemptAt: now,
        checkAt: after(now, claimLeaseMs),
      })
      .where(
        and(
          ofKey(key),
          inArray(delivery.status, open),
          or(isNull(delivery.claimedAt), lt(delivery.claimedAt, leaseStart)),
          or(isNull(delivery.notBefore), sql`${delivery.notBefore} <= ${now.toISOString()}::timestamptz`),
        ),
      )
      .returning();
    return row ? toDelivery(row) : null;
  },

  /** Writes what became of a claim; false where the claim was taken over meanwhile, or settled. */
  async settle(tx: Transaction, { recipientId, id, fence }: DeliveryKey & { fence: number }, outcome: Outcome): Promise<boolean> {
    const settled = await tx
      .update(delivery)
      .set({ ...outcome, claimedAt: null, ...(outcome.notBefore && { checkAt: after(outcome.notBefore, 15_000) }) })
      .where(and(ofKey({ recipientId, id }), eq(delivery.fence, fence), inArray(delivery.status, open)))
      .returning({ id: delivery.id });
    return settled.length > 0;
  },

  async find(tx: Transaction, key: DeliveryKey): Promise<Delivery | null> {
    const [row] = await tx.select().from(delivery).where(ofKey(key));
    return row ? toDelivery(row) : null;
  },

  /** Messages that should have moved on by now, the longest waiting first. */
  findOverdue: (db: ReadDatabase, now: Date, limit: number): Promise<(DeliveryKey & { fence: number })[]> =>
    db
      .select({ recipientId: delivery.recipientId, id: delivery.id, fence: delivery.fence })
      .from(delivery)
      .where(and(inArray(delivery.status, open), lt(delivery.checkAt, now)))
      .orderBy(asc(delivery.checkAt))
      .limit(limit),

  /** The messages about some of the user's own notifications, the oldest first. */
  async findByNotifications(db: ReadDatabase, userId: string, notificationIds: readonly string[]): Promise<Delivery[]> {
    const rows = await db
      .select()
      .from(delivery)
      .where(and(eq(delivery.recipientId, userId), anyOf(delivery.notificationId, notificationIds)))
      .orderBy(delivery.id);
    return rows.map(toDelivery);
  },
};
