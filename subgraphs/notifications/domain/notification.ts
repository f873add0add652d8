/** Kinds of notifications, each in the category that people filter and mute by. */
export const categoryOfKind = {
  WELCOME: "MEMBERSHIP",
  TASK_ASSIGNED: "ASSIGNMENTS",
  MENTIONED: "MENTIONS",
  COMMENT_ADDED: "COMMENTS",
} as const;

export type NotificationKind = keyof typeof categoryOfKind;
export type NotificationCategory = (typeof categoryOfKind)[NotificationKind];

/** The kinds of some categories. */
export const kindsOfCategories = (categories: readonly NotificationCategory[]): NotificationKind[] =>
  (Object.keys(categoryOfKind) as NotificationKind[]).filter((kind) => categories.includes(categoryOfKind[kind]));

/** A row of somebody's inbox. */
export type Notification = {
  readonly userId: string;
  readonly id: string;
  readonly kind: NotificationKind;
  readonly workspaceId: string | null;
  readonly taskId: string | null;
  readonly commentId: string | null;
  readonly actorId: string | null;
  readonly title: string;
  readonly excerpt: string | null;
  readonly count: number;
  readonly seenAt: Date | null;
  readonly readAt: Date | null;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly latestAt: Date;
  /** The inbox's revision at which this row last changed. */
  readonly revision: number;
};

/** What an event tells one recipient. */
export type NotificationDraft = Pick<
  Notification,
  "kind" | "workspaceId" | "taskId" | "commentId" | "actorId" | "title" | "excerpt"
> & { readonly occurredAt: Date };

export type InboxCounts = { readonly unread: number; readonly unseen: number };
