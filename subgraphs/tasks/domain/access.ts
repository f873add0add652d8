import { canReadProject, type Role, type Standing } from "./policies.ts";
import type { ProjectVisibility } from "./project.ts";

/** What someone is in a workspace, and the projects they were added to. */
export type WorkspaceAccess = {
  readonly workspaceId: string;
  readonly role: Role;
  readonly addedProjectIds: ReadonlySet<string>;
};

export const standingIn = (access: WorkspaceAccess, project: { id: string; visibility: ProjectVisibility }): Standing => ({
  role: access.role,
  visibility: project.visibility,
  added: access.addedProjectIds.has(project.id),
});

export const mayRead = (access: WorkspaceAccess, project: { id: string; visibility: ProjectVisibility }): boolean =>
  canReadProject(standingIn(access, project));
