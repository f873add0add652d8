import type { Database } from "@tributary/platform/postgres";
import type { Logger, Metrics } from "@tributary/platform/telemetry";
import { type Delivery, maxAttempts, retryDelayMs } from "../domain/delivery.ts";
import { ClaimHeld } from "../errors.ts";
import { type ComposeParts, composeMail } from "../mail/compose-mail.ts";
import type { MailTransport, SendOutcome } from "../mail/mail-transport.ts";
import { type DeliveryKey, deliveryRepository, type Outcome } from "../repositories/delivery-repository.ts";

export type SendParts = ComposeParts & {
  readonly database: Database;
  readonly transport: MailTransport;
  /** Asks for another attempt at that time. Its failure is harmless: the reconciler asks again. */
  readonly enqueue: (delivery: DeliveryKey & { fence: number; notBefore: Date }) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

/**
 * One attempt at one message. It is claimed with a fencing number before anything is sent, and only the holder of the latest
 * number may write the outcome; so it is sent once, or marked as possibly sent twice where an outcome is not known.
 * @throws ClaimHeld while another worker is at it
 */
export async function sendDelivery(parts: SendParts, key: DeliveryKey): Promise<void> {
  const { database, logger, metrics } = parts;
  const scope = { userId: key.recipientId };
  const now = new Date();
  const claimed = await database.transaction(scope, (tx) => deliveryRepository.claim(tx, key, now));
  if (!claimed) {
    const current = await database.transaction(scope, (tx) => deliveryRepository.find(tx, key));
    if (current?.claimedAt) throw new ClaimHeld(key.id);
    return; // settled, or waiting for a later attempt that has its own job
  }
  const outcome = await attempt(parts, claimed);
  const settled = await database.transaction(scope, (tx) => deliveryRepository.settle(tx, claimed, outcome));
  metrics.counter("deliveries_total", "Delivery attempts by how they ended", ["channel", "status"]).inc({
    channel: claimed.channel,
    status: settled ? outcome.status : "FENCED",
  });
  const { possibleDuplicate, reason } = outcome;
  logger.info(
    { deliveryId: key.id, fence: claimed.fence, status: outcome.status, reason, possibleDuplicate, settled },
    "delivery attempted",
  );
  if (settled && outcome.notBefore) {
    await parts.enqueue({ ...key, fence: claimed.fence, notBefore: outcome.notBefore }).catch((error: unknown) => {
      logger.warn({ err: error, deliveryId: key.id }, "the next attempt is left to the reconciler");
    });
  }
}

async function attempt(parts: SendParts, claimed: Delivery): Promise<Outcome> {
  const final = { notBefore: null, possibleDuplicate: claimed.possibleDuplicate };
  try {
    const composed = await composeMail(parts, claimed);
    if ("suppressed" in composed) return { ...final, status: "SUPPRESSED", reason: composed.suppressed };
    return outcomeOfSend(claimed, await parts.transport.send(composed.mail));
  } catch (error) {
    parts.logger.warn({ err: error, deliveryId: claimed.id }, "mail could not be composed");
    return outcomeOfSend(claimed, { kind: "refused", permanent: false, reason: "NOT_COMPOSED" });
  }
}

/** What a row says after an attempt: another one later, unless it is sent, refused for good, or tried often enough. */
export function outcomeOfSend(claimed: Delivery, sent: SendOutcome, nowMs = Date.now(), random = Math.random): Outcome {
  const possibleDuplicate = claimed.possibleDuplicate || sent.kind === "unknown";
  if (sent.kind === "sent")
    return { status: "SENT", reason: null, notBefore: null, possibleDuplicate: claimed.possibleDuplicate };
  const { reason } = sent;
  const dead = claimed.attempts >= maxAttempts || (sent.kind === "refused" && sent.permanent);
  if (dead) return { status: "DEAD", reason, notBefore: null, possibleDuplicate };
  return { status: "RETRYING", reason, notBefore: new Date(nowMs + retryDelayMs(claimed.attempts, random)), possibleDuplicate };
}
