import type { InboxCounts, Notification, NotificationKind } from "./notification.ts";

export type InboxState = "UNREAD" | "ALL" | "ARCHIVED";

/** Which rows of an inbox to list. */
export type InboxQuery = {
  readonly state: InboxState;
  readonly workspaceId: string | null;
  readonly taskId: string | null;
  /** Null: all. */
  readonly kinds: readonly NotificationKind[] | null;
};

/** Where a row stands in an inbox: the latest first. */
export type InboxPlace = { readonly latestAt: Date; readonly id: string };

/** Where an inbox and its feed stand in one snapshot. */
export type InboxHead = { readonly seq: number; readonly revision: number };

export type InboxPage = { readonly rows: readonly Notification[]; readonly counts: InboxCounts; readonly head: InboxHead };

export type NotificationMark = "SEEN" | "READ" | "UNREAD" | "ARCHIVED" | "UNARCHIVED";

/** Which rows of an inbox to mark. */
export type MarkSelection =
  | { readonly ids: readonly string[] }
  | { readonly taskId: string }
  | { readonly upToPlace: InboxPlace }
  | { readonly upToRevision: number };
