import { deleteExpiredIdempotencyKeys } from "@tributary/platform/idempotency";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Database } from "@tributary/platform/postgres";
import type { Logger } from "@tributary/platform/telemetry";
import { deleteAttemptsEndedBefore } from "../repositories/attempt-repository.ts";

const intervalMs = 10 * 60 * 1_000; // attempt windows last 15 minutes: the table holds at most two windows' worth

type HousekeepingParts = {
  readonly database: Pick<Database, "transaction">;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly now: () => Date;
};

/** Deletes what is over, every ten minutes. Several processes may do it at once. */
export function startHousekeeping({ database, lifecycle, logger, now }: HousekeepingParts): void {
  let running: Promise<void> = Promise.resolve();
  const clean = async (): Promise<void> => {
    try {
      await database.transaction({}, async (tx) => {
        await deleteAttemptsEndedBefore(tx, now());
        await deleteExpiredIdempotencyKeys(tx);
      });
    } catch (error) {
      logger.warn({ err: error }, "housekeeping failed, it is tried again later");
    }
  };
  const timer = setInterval(() => {
    running = clean();
  }, intervalMs);
  lifecycle.onStop("users housekeeping", async () => {
    clearInterval(timer);
    await running;
  });
}
