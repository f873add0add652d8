export type WorkspaceRole = "OWNER" | "ADMIN" | "MEMBER" | "VIEWER" | "GUEST";

/** What our projections know of a person's way to a task. */
export type TaskAccessFacts = {
  /** Null: no member. */
  readonly role: WorkspaceRole | null;
  readonly visibility: "WORKSPACE" | "PRIVATE";
  readonly inProject: boolean;
};

/** Whether somebody may read a task: members read workspace-visible projects, guests and private projects take an invitation. */
export const mayReadTask = ({ role, visibility, inProject }: TaskAccessFacts): boolean =>
  role !== null && (inProject || (role !== "GUEST" && visibility === "WORKSPACE"));
