import { isEvent, parseEvent } from "@tributary/contracts/events";
import type { JobQueue } from "@tributary/platform/queues";
import { z } from "zod";
import type { DeliveryKey } from "../repositories/delivery-repository.ts";

const job = z.object({ deliveryId: z.string().max(64), recipientId: z.string().max(64) });

/** Reads what lies in the queue `mail`: the relay's event, or a job of ours. */
export function parseDeliveryJob(data: unknown): DeliveryKey | null {
  const own = job.safeParse(data);
  if (own.success) return { id: own.data.deliveryId, recipientId: own.data.recipientId };
  const event = parseEvent(data);
  if (!event || !isEvent(event, "delivery.requested")) return null;
  return { id: event.data.deliveryId, recipientId: event.data.recipientId };
}

/**
 * Queues an attempt. The id says which: a repeat of the same call is one job, while a later attempt is another, as BullMQ
 * ignores a job whose id it still remembers.
 */
export const enqueueAttempt = (
  queue: JobQueue,
  { id, recipientId }: DeliveryKey,
  attempt: string,
  delayMs: number,
): Promise<void> => queue.add([{ id: `${id}-${attempt}`, data: { deliveryId: id, recipientId }, delayMs }]);
