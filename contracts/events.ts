import { z } from "zod";

const id = z.string().max(64);
const fieldChange = z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() });
const taskAfterImage = z.object({
  taskId: id,
  projectId: id,
  identifier: z.string(),
  title: z.string(),
  status: z.string(),
  assigneeIds: z.array(id),
  changes: z.array(fieldChange),
  /** Set where the event is about a comment. */
  commentId: id.nullish(),
});
const membership = z.object({ membershipId: id, userId: id, role: z.enum(["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]) });
const workspace = z.object({ name: z.string(), slug: z.string() });
const assignment = z.object({ taskId: id, projectId: id, identifier: z.string(), title: z.string(), userIds: z.array(id) });

/**
 * What each event type carries. Additions keep `v`; secrets never travel, only row ids.
 * The publisher of a type is the subgraph that owns its aggregate.
 */
export const eventData = {
  "user.registered": z.object({
    userId: id,
    email: z.string(),
    displayName: z.string(),
    locale: z.string(),
    timeZone: z.string(),
    invitationId: id.nullish(),
  }),
  "user.profile_updated": z.object({
    userId: id,
    handle: z.string(),
    displayName: z.string(),
    avatarUrl: z.string().nullable(),
    email: z.string(),
    timeZone: z.string(),
    locale: z.string(),
  }),
  "session.revoked": z.object({ userId: id, sessionIds: z.array(id) }),
  "session.replay_detected": z.object({ userId: id, sessionIds: z.array(id), ip: z.string().nullable() }),
  "invitation.created": z.object({ invitationId: id }),
  "workspace.created": workspace,
  "member.joined": membership,
  "member.role_changed": membership,
  "member.removed": membership,
  "project.created": z.object({ projectId: id, key: z.string(), name: z.string(), visibility: z.enum(["WORKSPACE", "PRIVATE"]) }),
  "project.members_changed": z.object({ projectId: id, added: z.array(id), removed: z.array(id) }),
  "task.created": taskAfterImage,
  "task.updated": taskAfterImage,
  "task.moved": taskAfterImage,
  "task.completed": taskAfterImage,
  "task.reopened": taskAfterImage,
  "task.assigned": assignment,
  "task.unassigned": assignment,
  "comment.added": taskAfterImage.extend({ commentId: id, excerpt: z.string(), mentionIds: z.array(id), authorId: id }),
  "label.saved": z.object({ labelId: id, name: z.string() }),
  /** Internal to the owner of a feed: someone's rights in the stream changed, readers check theirs again. */
  "access.changed": z.object({ userIds: z.array(id), projectId: id.nullish() }),
  "notification.added": z.object({ notificationId: id }),
  "notification.changed": z.object({ notificationIds: z.array(id) }),
  /** One message to one recipient over one channel; the recipient is a user, or an invitation of someone who is none yet. */
  "delivery.requested": z.object({ deliveryId: id, recipientId: id }),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

/** The envelope every event travels in (outbox row, feed entry, job payload). */
export type EventEnvelope<T extends EventType = EventType> = {
  readonly [K in T]: {
    readonly id: string;
    readonly type: K;
    readonly v: 1;
    /** RFC 3339, UTC. */
    readonly occurredAt: string;
    readonly workspaceId: string | null;
    readonly aggregate: { readonly type: string; readonly id: string; readonly version: number };
    readonly actor: { readonly type: "user" | "system"; readonly id: string };
    readonly causationId: string | null;
    readonly traceparent: string | null;
    readonly data: EventData<K>;
  };
}[T];

const envelope = z.object({
  id,
  type: z.string(),
  v: z.literal(1),
  occurredAt: z.iso.datetime(),
  workspaceId: id.nullable(),
  aggregate: z.object({ type: z.string(), id, version: z.number().int() }),
  actor: z.object({ type: z.enum(["user", "system"]), id: z.string() }),
  causationId: z.string().nullable(),
  traceparent: z.string().nullable(),
  data: z.unknown(),
});

/** Parses an event from outside the process. An unknown type gives null (a newer publisher); a malformed one throws ZodError. */
export function parseEvent(value: unknown): EventEnvelope | null {
  const event = envelope.parse(value);
  if (!Object.hasOwn(eventData, event.type)) return null;
  const data = eventData[event.type as EventType].parse(event.data);
  return { ...event, data } as EventEnvelope;
}

/** The events of one type, or of some. */
export type EventOf<T extends EventType> = Extract<EventEnvelope, { type: T }>;

/** True where the event is of one of the types; narrows its data. */
export const isEvent = <T extends EventType>(event: EventEnvelope, ...types: readonly T[]): event is EventOf<T> =>
  (types as readonly string[]).includes(event.type);
