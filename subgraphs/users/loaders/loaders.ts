import type { InvitationRef } from "@tributary/contracts/invitation-token";
import type { DatabaseSession } from "@tributary/platform/postgres";
import DataLoader from "dataloader";
import type { Invitation, InvitationPreview, Membership, Session, User, Viewer, Workspace } from "../domain/types.ts";
import { findInvitationPages, findInvitationPreview, findVisibleInvitations } from "../repositories/invitation-repository.ts";
import {
  findMemberPages,
  findOwnMemberships,
  findVisibleMemberships,
  type MemberFilter,
} from "../repositories/membership-reads.ts";
import { findLiveSessions } from "../repositories/session-repository.ts";
import { findViewer, findVisibleEmails, findVisibleUsers } from "../repositories/user-repository.ts";
import { findWorkspacesById, findWorkspacesBySlug } from "../repositories/workspace-repository.ts";
import { createKeyedLoader, createPageLoader } from "./keyed-loader.ts";

/** Rows of one page of invitations; `beforeId` is where the page before it ended. */
export type InvitationPageFilter = { readonly beforeId: string | null; readonly limit: number };

export type LoaderParts = {
  readonly session: Pick<DatabaseSession, "read">;
  /** For whom: nobody sees what they may not. Null sees nothing. */
  readonly viewerId: string | null;
  readonly now: () => Date;
};

/** What one request has read so far, batched: the number of statements depends on the operation's shape, not on rows. */
export function createLoaders({ session, viewerId, now }: LoaderParts) {
  const read = session.read.bind(session);
  // Each finder checks what the viewer may see in its own SQL: a hidden row and a missing one look and cost the same.
  const ofViewer = <Key, Row>(find: (viewerId: string, keys: readonly Key[]) => Promise<Row[]>) =>
    viewerId === null ? async () => [] : (keys: readonly Key[]) => find(viewerId, keys);

  const workspaceById = createKeyedLoader<Workspace>(
    ofViewer((viewer, ids: readonly string[]) => read((db) => findWorkspacesById(db, viewer, ids))),
    (row) => row.id,
  );

  return {
    userById: createKeyedLoader<User>(
      ofViewer((viewer, ids: readonly string[]) => read((db) => findVisibleUsers(db, viewer, ids))),
      (row) => row.id,
    ),
    emailOfUser: createKeyedLoader<{ id: string; email: string }>(
      ofViewer((viewer, ids: readonly string[]) => read((db) => findVisibleEmails(db, viewer, ids))),
      (row) => row.id,
    ),
    viewerById: createKeyedLoader<Viewer>(
      ofViewer((viewer, ids: readonly string[]) => (ids.includes(viewer) ? read((db) => findViewer(db, viewer)) : noRows())),
      (row) => row.id,
    ),
    workspaceById,
    workspaceBySlug: createKeyedLoader<Workspace>(
      ofViewer((viewer, slugs: readonly string[]) => read((db) => findWorkspacesBySlug(db, viewer, slugs))),
      (row) => row.slug,
    ),
    membershipById: createKeyedLoader<Membership>(
      ofViewer((viewer, ids: readonly string[]) => read((db) => findVisibleMemberships(db, viewer, ids))),
      (row) => row.id,
    ),
    /** The viewer's own memberships; their workspaces are then known. */
    ownMemberships: new DataLoader<string, Membership[]>(
      async (ids) => {
        const rows = viewerId === null ? [] : await read((db) => findOwnMemberships(db, viewerId));
        for (const { workspace } of rows) workspaceById.prime(workspace.id, workspace);
        return ids.map((id) => rows.filter(({ user }) => user.id === id));
      },
      { maxBatchSize: 1 },
    ),
    ownSessions: new DataLoader<string, Session[]>(
      async (ids) => {
        const rows = viewerId === null ? [] : await read((db) => findLiveSessions(db, viewerId, now()));
        return ids.map((id) => (id === viewerId ? rows : []));
      },
      { maxBatchSize: 1 },
    ),
    membersOfWorkspace: createPageLoader<MemberFilter, Membership>((workspaceIds, filter) =>
      viewerId === null ? noRows() : read((db) => findMemberPages(db, viewerId, workspaceIds, filter)),
    ),
    invitationById: createKeyedLoader<Invitation>(
      ofViewer((viewer, ids: readonly string[]) => read((db) => findVisibleInvitations(db, viewer, ids))),
      (row) => row.id,
    ),
    /** For the holder of the link, signed in or not. Not batched: one root field asks for one. */
    invitationPreview: (invitation: InvitationRef): Promise<InvitationPreview | null> =>
      read((db) => findInvitationPreview(db, invitation, now())),
    invitationsOfWorkspace: createPageLoader<InvitationPageFilter, Invitation>((workspaceIds, filter) =>
      viewerId === null ? noRows() : read((db) => findInvitationPages(db, viewerId, workspaceIds, filter)),
    ),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;

const noRows = async (): Promise<never[]> => [];
