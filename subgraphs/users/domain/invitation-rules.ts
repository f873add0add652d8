import type { StoredInvitationStatus } from "./types.ts";

/** An invitation works this long. */
export const invitationLifeMs = 7 * 24 * 60 * 60 * 1_000;

/** Addresses in one call; as many as ids in one `nodes`. */
export const maxInvitationsPerCall = 50;

/** Pending invitations of one workspace: what goes out by mail in its name is bounded. */
export const maxPendingInvitations = 500;

/** The status clients see: a pending invitation whose time is over has expired. */
export const invitationStatus = (
  { storedStatus, expiresAt }: { storedStatus: StoredInvitationStatus; expiresAt: Date },
  now: Date,
): StoredInvitationStatus | "EXPIRED" => (storedStatus === "PENDING" && expiresAt <= now ? "EXPIRED" : storedStatus);
