import { workspaceStream } from "@tributary/contracts/cursors";
import { inputFault } from "@tributary/platform/errors";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canManageProject, canReadProject } from "../domain/policies.ts";
import type { Project } from "../domain/project.ts";
import { projectNotFound } from "../errors.ts";
import { findMembersAmong } from "../repositories/access-repository.ts";
import {
  addProjectMembers,
  hasProjectMembers,
  locateProject,
  lockProject,
  removeProjectMembers,
  touchProject,
} from "../repositories/project-repository.ts";
import { type CommandContext, inWorkspace, locate } from "./command-context.ts";
import { distinct } from "./task-checks.ts";

export type SetProjectMembersInput = {
  readonly projectId: string;
  readonly addUserIds?: readonly string[] | null;
  readonly removeUserIds?: readonly string[] | null;
};
type Lists = { readonly add: readonly string[]; readonly remove: readonly string[] };

const idPath = ["input", "projectId"];

/** Adds people to a project and removes others; nothing where all is so already. @throws UserFault */
export async function setProjectMembers(context: CommandContext, input: SetProjectMembersInput): Promise<Project> {
  const { projectId } = input;
  const lists: Lists = {
    add: distinct(input.addUserIds, limits.projectMembersPerCall, ["input", "addUserIds"]),
    remove: distinct(input.removeUserIds, limits.projectMembersPerCall, ["input", "removeUserIds"]),
  };
  const both = lists.add.find((id) => lists.remove.includes(id));
  if (both) throw inputFault("INVALID", "Somebody cannot be added and removed at once.", ["input", "removeUserIds"]);
  const workspaceId = await locate(context, () => locateProject(context.session, context.userId, projectId));
  if (workspaceId === null) throw projectNotFound(idPath);
  return inWorkspace(context, workspaceId, (tx) => change(tx, context.userId, { workspaceId, projectId }, lists));
}

async function change(
  tx: Transaction,
  userId: string,
  key: { workspaceId: string; projectId: string },
  { add, remove }: Lists,
): Promise<Project> {
  const project = await lockManagedProject(tx, { ...key, userId });
  const members = await findMembersAmong(tx, key.workspaceId, add);
  if (add.some((id) => !members.has(id))) {
    throw inputFault("NOT_FOUND", "Not everybody here belongs to the workspace.", ["input", "addUserIds"]);
  }
  const added = await addProjectMembers(tx, project, add, new Date().toISOString());
  const removed = await removeProjectMembers(tx, project, remove);
  if (added.length === 0 && removed.length === 0) return project;
  if (project.visibility === "PRIVATE" && !(await hasProjectMembers(tx, project))) {
    throw inputFault("CONFLICT", "Nobody would see this private project any more.", ["input", "removeUserIds"]);
  }
  const changed = await touchProject(tx, project);
  await appendEvents(tx, [
    {
      type: "project.members_changed",
      workspaceId: key.workspaceId,
      aggregate: { type: "project", id: changed.id, version: changed.version },
      actor: { type: "user", id: userId },
      stream: workspaceStream(key.workspaceId),
      data: { projectId: changed.id, added: [...added], removed: [...removed] },
    },
  ]);
  return changed;
}

async function lockManagedProject(
  tx: Transaction,
  key: { workspaceId: string; projectId: string; userId: string },
): Promise<Project> {
  const locked = await lockProject(tx, key);
  if (!locked) throw projectNotFound(idPath);
  const { project, role, added } = locked;
  const standing = { role, added, visibility: project.visibility };
  if (!canReadProject(standing)) throw projectNotFound(idPath);
  const involvement = { isLead: project.leadId === key.userId, isCreator: project.creatorId === key.userId };
  if (!canManageProject(standing, involvement)) {
    throw inputFault("FORBIDDEN", "Only its lead and the workspace's admins change a project's members.", idPath);
  }
  return project;
}
