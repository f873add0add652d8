export type ProjectVisibility = "WORKSPACE" | "PRIVATE";

export type Project = {
  readonly workspaceId: string;
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly visibility: ProjectVisibility;
  readonly leadId: string | null;
  readonly creatorId: string;
  readonly version: number;
  readonly createdAt: string;
};

export type ProjectMember = { readonly projectId: string; readonly userId: string; readonly addedAt: string };

export type Label = {
  readonly workspaceId: string;
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly version: number;
};

export type Comment = {
  readonly workspaceId: string;
  readonly id: string;
  readonly taskId: string;
  readonly authorId: string;
  readonly body: string;
  readonly mentionIds: readonly string[];
  readonly version: number;
  readonly createdAt: string;
};

export type Profile = { readonly id: string; readonly displayName: string; readonly avatarUrl: string | null };
