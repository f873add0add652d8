import type { EventType } from "@tributary/contracts/events";

const projections = ["tasks-events", "notifications-events"];

/** Which queues each event of this subgraph goes to. */
export const eventRoutes: Partial<Record<EventType, string[]>> = {
  "user.registered": projections,
  "user.profile_updated": projections,
  "workspace.created": projections,
  "member.joined": projections,
  "member.role_changed": projections,
  "member.removed": projections,
  "invitation.created": ["notifications-events"],
  "session.replay_detected": ["notifications-events"],
};

/** What gateways and sockets hear at once: someone's rights ended or changed. */
export const controlEvents: EventType[] = ["session.revoked", "member.removed", "member.role_changed"];
