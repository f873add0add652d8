import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { eq, inArray } from "drizzle-orm";
import { workspace } from "../db/schema.ts";
import type { Workspace } from "../domain/types.ts";
import { isViewerIn, viewerMembership } from "./visibility.ts";

/** A workspace with the viewer's role in it, as a selection that joins `viewerMembership`. */
export const workspaceColumns = {
  id: workspace.workspaceId,
  slug: workspace.slug,
  name: workspace.name,
  version: workspace.version,
  createdAt: workspace.createdAt,
  viewerRole: viewerMembership.role,
};

/** Those of the ids the viewer is a member of. */
export const findWorkspacesById = (db: ReadDatabase, viewerId: string, ids: readonly string[]): Promise<Workspace[]> =>
  findWorkspaces(db, viewerId).where(inArray(workspace.workspaceId, [...ids]));

/** Those of the slugs the viewer is a member of. */
export const findWorkspacesBySlug = (db: ReadDatabase, viewerId: string, slugs: readonly string[]): Promise<Workspace[]> =>
  findWorkspaces(db, viewerId).where(inArray(workspace.slug, [...slugs]));

const findWorkspaces = (db: ReadDatabase, viewerId: string) =>
  db.select(workspaceColumns).from(workspace).innerJoin(viewerMembership, isViewerIn(viewerId, workspace.workspaceId));

/** False where the slug is taken. */
export async function insertWorkspace(tx: Transaction, row: typeof workspace.$inferInsert): Promise<boolean> {
  const inserted = await tx.insert(workspace).values(row).onConflictDoNothing().returning({ id: workspace.workspaceId });
  return inserted.length === 1;
}

/** Locks the workspace against other changes of its members: what is counted under the lock stays so. False: no such workspace. */
export async function lockWorkspace(tx: Transaction, workspaceId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: workspace.workspaceId })
    .from(workspace)
    .where(eq(workspace.workspaceId, workspaceId))
    .for("no key update");
  return rows.length === 1;
}
