import { sql } from "drizzle-orm";
import type { Transaction } from "../postgres/index.ts";

/**
 * Notes in the transaction of an effect that `consumer` has handled the event. False: it was handled before, do nothing.
 * An equal call in another transaction waits for this one's end.
 */
export async function consumeOnce(tx: Pick<Transaction, "execute">, consumer: string, eventId: string): Promise<boolean> {
  const { rowCount } = await tx.execute(
    sql`insert into consumed_event (consumer, event_id) values (${consumer}, ${eventId}) on conflict do nothing`,
  );
  return rowCount === 1;
}
