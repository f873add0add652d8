import { deleteExpiredIdempotencyKeys } from "@tributary/platform/idempotency";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Database } from "@tributary/platform/postgres";
import type { Logger } from "@tributary/platform/telemetry";

const intervalMs = 10 * 60 * 1_000; // keys are kept for a day: the table holds hardly more than that day's

/** Deletes idempotency keys that are over, every ten minutes. Several processes may do it at once. */
export function startHousekeeping(parts: {
  readonly database: Pick<Database, "transaction">;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}): void {
  const { database, lifecycle, logger } = parts;
  let running: Promise<void> = Promise.resolve();
  const clean = async (): Promise<void> => {
    try {
      await database.transaction({}, (tx) => deleteExpiredIdempotencyKeys(tx));
    } catch (error) {
      logger.warn({ err: error }, "housekeeping failed, it is tried again later");
    }
  };
  const timer = setInterval(() => {
    running = clean();
  }, intervalMs);
  lifecycle.onStop("tasks housekeeping", async () => {
    clearInterval(timer);
    await running;
  });
}
