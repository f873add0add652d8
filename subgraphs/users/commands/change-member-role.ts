import { versionConflict } from "@tributary/platform/errors";
import { appendEvents } from "@tributary/platform/outbox";
import { mayGrant, mayManage, type WorkspaceRole } from "../domain/roles.ts";
import { forbidden, notFound } from "../errors.ts";
import { updateMembership } from "../repositories/membership-writes.ts";
import { changeMember, keepAnOwner } from "./change-member.ts";
import type { CommandCall } from "./command-call.ts";
import { memberEvent } from "./member-events.ts";

export type ChangeMemberRoleInput = {
  readonly membershipId: string;
  readonly role: WorkspaceRole;
  readonly expectedVersion: number;
};

/** Gives a member another role. @throws UserFault NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, LAST_OWNER */
export const createChangeMemberRole =
  () =>
  (call: CommandCall, { membershipId, role, expectedVersion }: ChangeMemberRoleInput): Promise<{ id: string }> => {
    const path = ["input", "membershipId"];
    return changeMember(call, membershipId, path, async (tx, { actor, target }) => {
      if (actor.removedAt !== null || target.removedAt !== null) throw notFound("membership", path);
      if (!mayManage(actor.role, target.role)) throw forbidden("Your role does not let you change this member's.", path);
      if (!mayGrant(actor.role, role)) throw forbidden("Your role does not let you give this role.", ["input", "role"]);
      if (target.version !== expectedVersion) throw versionConflict(target.version, { id: membershipId });
      if (target.role === role) return { id: membershipId };
      await keepAnOwner(tx, target);
      const changed = await updateMembership(tx, target, { role });
      await appendEvents(tx, [memberEvent("member.role_changed", changed, actor.userId)]);
      return { id: membershipId };
    });
  };
