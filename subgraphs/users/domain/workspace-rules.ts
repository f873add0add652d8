/** Workspaces one person can be in: `Viewer.memberships` is a list without pages. */
export const maxWorkspacesPerPerson = 100;
