import type { ProjectVisibility } from "./project.ts";

export type Role = "OWNER" | "ADMIN" | "MEMBER" | "VIEWER" | "GUEST";

/** How someone stands to a project: their role in its workspace, and whether they were added to it. */
export type Standing = { readonly role: Role; readonly visibility: ProjectVisibility; readonly added: boolean };

/** What someone has to do with a task besides their role. */
export type Involvement = { readonly isCreator: boolean; readonly isAssignee: boolean; readonly isLead: boolean };

/** Private projects are for those who were added, owners included; guests see nothing else either. */
export const canReadProject = ({ role, visibility, added }: Standing): boolean =>
  added || (role !== "GUEST" && visibility === "WORKSPACE");

export const canEditTasks = (standing: Standing): boolean => canReadProject(standing) && standing.role !== "VIEWER";

export const canComment = (standing: Standing): boolean => canReadProject(standing);

export function canTrashTask(standing: Standing, { isCreator, isAssignee, isLead }: Involvement): boolean {
  if (!canReadProject(standing)) return false;
  if (standing.role === "OWNER" || standing.role === "ADMIN") return true;
  if (standing.role === "MEMBER") return isCreator || isAssignee || isLead;
  return standing.role === "GUEST" && isCreator;
}

/** Changing a project, its members or its visibility. */
export function canManageProject(standing: Standing, { isCreator, isLead }: Omit<Involvement, "isAssignee">): boolean {
  if (!canReadProject(standing)) return false;
  return standing.role === "OWNER" || standing.role === "ADMIN" || (standing.role === "MEMBER" && (isLead || isCreator));
}

export const canCreateProject = (role: Role): boolean => role !== "VIEWER" && role !== "GUEST";
export const canSaveLabel = (role: Role): boolean => canCreateProject(role);
