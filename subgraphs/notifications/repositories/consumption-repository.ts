import { consumedEvent } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { and, eq } from "drizzle-orm";

/** True where the consumer has recorded the event. */
export async function isConsumed(tx: Transaction, consumer: string, eventId: string): Promise<boolean> {
  const rows = await tx
    .select({ eventId: consumedEvent.eventId })
    .from(consumedEvent)
    .where(and(eq(consumedEvent.consumer, consumer), eq(consumedEvent.eventId, eventId)));
  return rows.length > 0;
}
