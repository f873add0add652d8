import { emptyConsistency } from "@tributary/contracts/consistency";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Database } from "@tributary/platform/postgres";
import type { JobQueue } from "@tributary/platform/queues";
import type { Logger, Metrics } from "@tributary/platform/telemetry";
import { deliveryRepository } from "../repositories/delivery-repository.ts";
import { enqueueAttempt } from "./delivery-jobs.ts";

const intervalMs = 10_000; // P11: what Redis lost is on its way again within 30 s
const batchSize = 200;

/** Queues again, once, what should have moved on by now: Redis may have lost its jobs. Gives their number. */
export async function reconcileDeliveries(
  { database, queue }: { database: Database; queue: JobQueue },
  now: Date,
): Promise<number> {
  const overdue = await database.session(emptyConsistency).read((db) => deliveryRepository.findOverdue(db, now, batchSize));
  const minute = Math.floor(now.getTime() / 60_000); // another try a minute later, should this one get lost as well
  for (const { fence, ...key } of overdue) await enqueueAttempt(queue, key, `${fence}-r${minute}`, 0);
  return overdue.length;
}

/** Runs `reconcileDeliveries` every 10 s until the lifecycle stops. */
export function startDeliveryReconciler(parts: {
  database: Database;
  queue: JobQueue;
  logger: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
}): void {
  const { database, queue, logger, metrics, lifecycle } = parts;
  const requeued = metrics.counter("deliveries_requeued_total", "Deliveries queued again as they had not moved on");
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    reconcileDeliveries({ database, queue }, new Date())
      .then((count) => requeued.inc(count))
      .catch((error: unknown) => logger.warn({ err: error }, "deliveries not reconciled"))
      .finally(() => {
        running = false;
      });
  }, intervalMs);
  lifecycle.onStop("delivery reconciler", () => clearInterval(timer));
}
