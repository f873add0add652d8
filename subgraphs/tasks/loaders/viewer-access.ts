import type { DatabaseSession } from "@tributary/platform/postgres";
import type { WorkspaceAccess } from "../domain/access.ts";
import { findAccess, saveMembership } from "../repositories/access-repository.ts";
import { saveProfile, saveWorkspace } from "../repositories/profile-repository.ts";
import type { MembershipRequest, MembershipSource, ViewerRecord } from "./membership-source.ts";

/** What the caller of a request may see; read once for all of its fields. */
export type ViewerAccess = {
  /** All workspaces of the caller; none for an anonymous one. */
  all(): Promise<readonly WorkspaceAccess[]>;
  /** One workspace, null where the caller is no member; asks users once where the projection does not know. */
  to(workspaceId: string): Promise<WorkspaceAccess | null>;
  /** Asks users now, once for a request. True where that brought memberships the projection had not. */
  refresh(): Promise<boolean>;
  /** The same, having read nothing yet. */
  afresh(): ViewerAccess;
};

type Options = {
  readonly session: Pick<DatabaseSession, "read" | "transaction">;
  /** Null for an anonymous caller. */
  readonly caller: MembershipRequest | null;
  readonly source: MembershipSource;
};

export function createViewerAccess({ session, caller, source }: Options): ViewerAccess {
  let known: Promise<readonly WorkspaceAccess[]> | undefined;
  let refreshed: Promise<boolean> | undefined;
  const load = (): Promise<readonly WorkspaceAccess[]> => {
    known ??= caller ? findAccess(session, caller.identity.userId) : Promise.resolve([]);
    return known;
  };

  async function refresh(): Promise<boolean> {
    if (caller === null) return false;
    const before = await load();
    const record = await source.ask(caller);
    if (record === null) return false;
    const had = new Set(before.map(({ workspaceId }) => workspaceId));
    const missing = record.memberships.filter(({ workspace }) => !had.has(workspace.id));
    if (missing.length === 0) return false;
    await save(session, caller.identity.userId, { ...record, memberships: missing });
    known = undefined; // what was written may have met a newer removal: read what stands
    const after = await load();
    return after.some(({ workspaceId }) => !had.has(workspaceId));
  }

  const refreshOnce = (): Promise<boolean> => {
    refreshed ??= refresh();
    return refreshed;
  };
  const find = async (workspaceId: string) => (await load()).find((access) => access.workspaceId === workspaceId) ?? null;

  return {
    all: load,
    async to(workspaceId) {
      const access = await find(workspaceId);
      if (access || !(await refreshOnce())) return access;
      return find(workspaceId);
    },
    refresh: refreshOnce,
    afresh: () => createViewerAccess({ session, caller, source }),
  };
}

/** One transaction for each workspace: row-level security lets a transaction write in one. */
async function save(session: Options["session"], userId: string, { version, user, memberships }: ViewerRecord): Promise<void> {
  for (const { id, role, version: membershipVersion, workspace } of memberships) {
    const workspaceId = workspace.id;
    await session.transaction({ userId, workspaceId }, async (tx) => {
      await saveProfile(tx, { id: userId, ...user }, version);
      await saveWorkspace(tx, { workspaceId, slug: workspace.slug, name: workspace.name, version: workspace.version });
      await saveMembership(tx, { workspaceId, userId, membershipId: id, role, removed: false, version: membershipVersion });
    });
  }
}
