import type { WorkspaceRole } from "./roles.ts";

/** A person as others see them. */
export type User = {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
  readonly avatarUrl: string | null;
  readonly status: "ACTIVE" | "SUSPENDED" | "DELETED";
  readonly createdAt: Date;
};

/** A person's own side of their account. */
export type Viewer = {
  readonly id: string;
  readonly email: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly version: number;
  readonly user: User;
};

/** A workspace as one of its members sees it. */
export type Workspace = {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly viewerRole: WorkspaceRole;
};

export type Membership = {
  readonly id: string;
  readonly workspaceId: string;
  readonly role: WorkspaceRole;
  readonly joinedAt: Date;
  readonly version: number;
  readonly user: User;
};

export type StoredInvitationStatus = "PENDING" | "ACCEPTED" | "REVOKED";

export type Invitation = {
  readonly id: string;
  readonly workspaceId: string;
  readonly email: string;
  readonly role: WorkspaceRole;
  readonly storedStatus: StoredInvitationStatus;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly invitedBy: User;
};

export type InvitationPreview = {
  readonly workspaceName: string;
  readonly inviterName: string;
  readonly role: WorkspaceRole;
  readonly expiresAt: Date;
};

export type Session = {
  readonly id: string;
  readonly device: string;
  readonly ipAddress: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
};
