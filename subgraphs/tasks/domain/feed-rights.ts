import { type EventEnvelope, isEvent } from "@tributary/contracts/events";
import type { Role } from "./policies.ts";
import type { ProjectVisibility } from "./project.ts";

/** What one reader of a workspace's feed may see: their role and the projects, kept in memory for as long as they read. */
export type FeedRights = {
  readonly userId: string;
  readonly role: Role;
  readonly projects: Map<string, ProjectVisibility>;
};

/**
 * Follows the reader's rights along the stream. `check` where they may have changed: they are to be read again. A new project
 * is taken in without a question: everyone sees it, or its maker alone. Not so an event from before the rights were read: its
 * maker may have left since.
 */
export function followRights(
  { userId, role, projects }: FeedRights,
  event: EventEnvelope,
  { isLater }: { isLater: boolean },
): "keep" | "check" {
  if (isEvent(event, "access.changed")) return event.data.userIds.includes(userId) ? "check" : "keep";
  if (isEvent(event, "project.created")) {
    const { projectId, visibility } = event.data;
    if (isLater && role !== "GUEST" && (visibility === "WORKSPACE" || event.actor.id === userId))
      projects.set(projectId, visibility);
    return "keep";
  }
  if (isEvent(event, "project.members_changed")) {
    const { projectId, added, removed } = event.data;
    if (!added.includes(userId) && !removed.includes(userId)) return "keep";
    const seenByRole = role !== "GUEST" && projects.get(projectId) === "WORKSPACE";
    return seenByRole ? "keep" : "check";
  }
  return "keep";
}

/** True where both see the same. */
export const seeTheSame = (a: FeedRights, b: FeedRights): boolean =>
  a.projects.size === b.projects.size && [...a.projects.keys()].every((id) => b.projects.has(id));
