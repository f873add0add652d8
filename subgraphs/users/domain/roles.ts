/** From all rights to the fewest. */
export const workspaceRoles = ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"] as const;

export type WorkspaceRole = (typeof workspaceRoles)[number];

/** Owners and admins run a workspace: they invite, see addresses and invitations. */
export const isManager = (role: WorkspaceRole): boolean => role === "OWNER" || role === "ADMIN";

/** Whether `actor` may give `role` to someone, by invitation or by changing theirs, and take back an invitation to it. */
export const mayGrant = (actor: WorkspaceRole, role: WorkspaceRole): boolean =>
  actor === "OWNER" || (actor === "ADMIN" && !isManager(role));

/** Whether `actor` may change the role of, or remove, another member who has the role `target`. */
export const mayManage = (actor: WorkspaceRole, target: WorkspaceRole): boolean => mayGrant(actor, target);

/** Whether a member with the role `actor` sees another one who has the role `target`. Guests see who runs the workspace. */
export const maySeeMember = (actor: WorkspaceRole, target: WorkspaceRole): boolean => actor !== "GUEST" || isManager(target);
