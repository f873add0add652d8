import { parseEvent } from "@tributary/contracts/events";
import type { Database } from "@tributary/platform/postgres";
import { welcomeUser } from "../commands/welcome-user.ts";
import { applyMembershipEvent, applyProjectEvent } from "./membership-events.ts";
import { applyAttentionEvent, applyTaskEvent } from "./task-events.ts";
import { applyInvitationEvent, applyProfileEvent } from "./user-events.ts";
import type { UsersDirectory } from "./users-directory.ts";

/** One event of users or tasks, handed over at least once and in any order. Each handler is harmless to repeat. */
export async function handleEvent(parts: { database: Database; users: UsersDirectory }, data: unknown): Promise<void> {
  const { database } = parts;
  const event = parseEvent(data);
  switch (event?.type) {
    case "user.registered":
      return welcomeUser(database, event);
    case "user.profile_updated":
      return applyProfileEvent(database, event);
    case "invitation.created":
      return applyInvitationEvent(database, event);
    case "member.joined":
    case "member.role_changed":
    case "member.removed":
      return applyMembershipEvent(database, event);
    case "project.created":
    case "project.members_changed":
      return applyProjectEvent(database, event);
    case "task.created":
    case "task.updated":
    case "task.moved":
    case "task.completed":
    case "task.reopened":
      return applyTaskEvent(database, event);
    case "task.assigned":
    case "comment.added":
      return applyAttentionEvent(parts, event);
    default:
      return; // routed to us by a newer publisher: nothing we know what to do with
  }
}
