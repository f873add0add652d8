import type { EventOf } from "@tributary/contracts/events";
import type { Database } from "@tributary/platform/postgres";
import { endAccess } from "../commands/end-access.ts";
import { accessRepository } from "../repositories/access-repository.ts";
import { inboxWrites } from "../repositories/inbox-writes.ts";

type MembershipEvent = EventOf<"member.joined" | "member.role_changed" | "member.removed">;
type ProjectEvent = EventOf<"project.created" | "project.members_changed">;

const workspaceOf = ({ id, workspaceId }: { id: string; workspaceId: string | null }): string => {
  if (workspaceId === null) throw new TypeError(`event ${id} has no workspace`);
  return workspaceId;
};

/** Keeps the memberships; who is removed loses watches and notifications of the workspace in the same transaction. */
export async function applyMembershipEvent(database: Database, event: MembershipEvent): Promise<void> {
  const { membershipId, userId, role } = event.data;
  const workspaceId = workspaceOf(event);
  const removedAt = event.type === "member.removed" ? new Date(event.occurredAt) : null;
  const membership = { workspaceId, membershipId, userId, role, removedAt, version: event.aggregate.version };
  await database.transaction({ userId, workspaceId }, async (tx) => {
    if (removedAt) await inboxWrites.lock(tx, userId);
    await accessRepository.saveMembership(tx, membership);
    if (!removedAt || (await accessRepository.isMember(tx, workspaceId, userId))) return; // removed, and joined again since
    await accessRepository.endProjectMemberships(tx, workspaceId, userId);
    await endAccess(tx, event, userId, { workspaceId });
  });
}

/** Keeps the projects and who was added to them; who is removed from a project they can no longer read loses what is of it. */
export async function applyProjectEvent(database: Database, event: ProjectEvent): Promise<void> {
  const workspaceId = workspaceOf(event);
  const { projectId } = event.data;
  const { version } = event.aggregate;
  const member = (userId: string, present: boolean) => ({ workspaceId, projectId, userId, present, version });
  const added = event.type === "project.created" ? [event.actor.id] : event.data.added;
  await database.transaction({ workspaceId }, async (tx) => {
    if (event.type === "project.created") {
      await accessRepository.saveProject(tx, { workspaceId, projectId, visibility: event.data.visibility, version });
    }
    await accessRepository.saveProjectMembers(
      tx,
      added.map((userId) => member(userId, true)),
    );
  });
  for (const userId of event.type === "project.members_changed" ? event.data.removed : []) {
    await database.transaction({ userId, workspaceId }, async (tx) => {
      await inboxWrites.lock(tx, userId);
      await accessRepository.saveProjectMembers(tx, [member(userId, false)]);
      if (await accessRepository.mayReadProject(tx, { workspaceId, projectId }, userId)) return;
      await endAccess(tx, event, userId, { workspaceId, projectId });
    });
  }
}
