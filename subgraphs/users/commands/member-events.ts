import type { EventDraft } from "@tributary/platform/outbox";
import type { MembershipRow } from "../repositories/membership-writes.ts";
import { actorOf } from "./command-call.ts";

type MemberEventType = "member.joined" | "member.role_changed" | "member.removed";

/** What happened to a membership, after the change; its version is what projections compare. */
export const memberEvent = (
  type: MemberEventType,
  { workspaceId, membershipId, userId, role, version }: MembershipRow,
  actorId: string,
): EventDraft => ({
  type,
  workspaceId,
  aggregate: { type: "membership", id: membershipId, version },
  actor: actorOf(actorId),
  data: { membershipId, userId, role },
});
