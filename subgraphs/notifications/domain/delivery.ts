import type { NotificationKind } from "./notification.ts";

export type Channel = "EMAIL";
export type DeliveryStatus = "QUEUED" | "SENT" | "RETRYING" | "SUPPRESSED" | "DEAD";

/** What a message is made of when it is sent. Carries no address and no secret: both are looked up then. */
export type DeliveryContent =
  | { readonly template: "WELCOME" }
  | {
      readonly template: "TASK_ASSIGNED" | "MENTIONED" | "COMMENT_ADDED";
      readonly workspaceId: string;
      readonly projectId: string;
      readonly taskId: string;
      readonly title: string;
      readonly excerpt: string | null;
      readonly actorName: string | null;
    }
  | { readonly template: "INVITATION"; readonly workspaceId: string; readonly invitationId: string; readonly inviterId: string };

/** A message to one recipient over one channel. */
export type Delivery = {
  /** A user, or an invitation of someone who is none yet. */
  readonly recipientId: string;
  readonly id: string;
  readonly eventId: string;
  readonly channel: Channel;
  readonly notificationId: string | null;
  readonly content: DeliveryContent;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** Raised by each claim: only the holder of the latest may write the outcome. */
  readonly fence: number;
  readonly claimedAt: Date | null;
  readonly notBefore: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly reason: string | null;
  /** An earlier attempt ended without a known outcome. */
  readonly possibleDuplicate: boolean;
};

/** A claim is given up after this; above the longest send (10 s), so that a live worker is not robbed. */
export const claimLeaseMs = 12_000;
/** The first try and seven more: about half an hour until a delivery is dead. */
export const maxAttempts = 8;

/**
 * How long to wait after the nth failed attempt: doubling from 8 s, at most 15 min, of which a random half is taken off so
 * that those who failed together do not return together.
 */
export function retryDelayMs(attempts: number, random: () => number = Math.random): number {
  const fullMs = Math.min(8_000 * 2 ** attempts, 900_000);
  return Math.round(fullMs * (1 - random() / 2));
}

/**
 * Whether an event about a task is mailed: what speaks to a person always, a comment only when it makes a new row in the
 * inbox, so that a lively discussion is one mail until it is read.
 */
export const isMailed = (kind: NotificationKind, folded: boolean): boolean => kind !== "COMMENT_ADDED" || !folded;
