import { appendEvents } from "@tributary/platform/outbox";
import { mayManage } from "../domain/roles.ts";
import { forbidden } from "../errors.ts";
import { updateMembership } from "../repositories/membership-writes.ts";
import { changeMember, keepAnOwner } from "./change-member.ts";
import type { CommandCall } from "./command-call.ts";
import { memberEvent } from "./member-events.ts";

/** Ends a membership: someone else's by right of role, or one's own. Repeating it changes nothing. @throws UserFault NOT_FOUND, FORBIDDEN, LAST_OWNER */
export const createRemoveMember =
  ({ now }: { now: () => Date }) =>
  (call: CommandCall, membershipId: string): Promise<void> =>
    changeMember(call, membershipId, ["membershipId"], async (tx, { actor, target }) => {
      const leaving = actor.userId === target.userId;
      if (!leaving && !mayManage(actor.role, target.role)) throw forbidden("Your role does not let you remove this member.");
      if (target.removedAt !== null) return;
      await keepAnOwner(tx, target);
      const removed = await updateMembership(tx, target, { removedAt: now() });
      await appendEvents(tx, [memberEvent("member.removed", removed, actor.userId)]);
      return;
    });
