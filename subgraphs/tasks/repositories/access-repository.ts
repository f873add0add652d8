import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import type { Role } from "../domain/policies.ts";
import { type ReadSession, readIds, readRows, textArray, writeRows } from "./rows.ts";

/** A membership as users tells of it. */
export type Membership = {
  readonly workspaceId: string;
  readonly userId: string;
  readonly membershipId: string;
  readonly role: Role;
  readonly removed: boolean;
  readonly version: number;
};

type AccessRow = { workspace_id: string; role: Role; added: unknown };

const accessOf = (userId: string) => sql`
  select m.workspace_id, m.role, array(
    select a.project_id from project_member a where a.workspace_id = m.workspace_id and a.user_id = m.user_id) as added
  from member m where m.user_id = ${userId} and not m.removed`;

const toAccess = ({ workspace_id, role, added }: AccessRow): WorkspaceAccess => ({
  workspaceId: workspace_id,
  role,
  addedProjectIds: new Set(readIds(added)),
});

/** Everything the access rules need to know of one person, in one statement over all of their workspaces. */
export const findAccess = async (session: ReadSession, userId: string): Promise<readonly WorkspaceAccess[]> =>
  (await readRows<AccessRow>(session, accessOf(userId))).map(toAccess);

/** Someone's access to one workspace as the primary has it; null where they are no member. */
export async function readAccessNow(
  tx: Transaction,
  key: { workspaceId: string; userId: string },
): Promise<WorkspaceAccess | null> {
  const query = sql`${accessOf(key.userId)} and m.workspace_id = ${key.workspaceId}`;
  const [row] = await writeRows<AccessRow>(tx, query);
  return row ? toAccess(row) : null;
}

/**
 * Writes a membership unless a newer state of it is known. The later membership of two wins, then the higher version, and at
 * equal versions the removal. `changed` where it was written over an older state; a first one changes nobody's rights.
 */
export async function saveMembership(tx: Transaction, membership: Membership): Promise<"ignored" | "added" | "changed"> {
  const { workspaceId, userId, membershipId, role, removed, version } = membership;
  const [row] = await writeRows<{ is_new: boolean }>(
    tx,
    sql`insert into member as m (workspace_id, user_id, membership_id, role, removed, version)
    values (${workspaceId}, ${userId}, ${membershipId}, ${role}, ${removed}, ${version})
    on conflict (workspace_id, user_id) do update
      set membership_id = excluded.membership_id, role = excluded.role, removed = excluded.removed, version = excluded.version
      where (excluded.membership_id, excluded.version, excluded.removed) > (m.membership_id, m.version, m.removed)
    returning m.xmax = 0 as is_new`,
  );
  if (!row) return "ignored";
  return row.is_new ? "added" : "changed";
}

/** Those of the people who may read a project now, and so may be assigned to its tasks or mentioned in them. */
export async function findReadersAmong(
  tx: Transaction,
  { workspaceId, projectId, userIds }: { workspaceId: string; projectId: string; userIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await writeRows<{ user_id: string }>(
    tx,
    sql`select m.user_id from member m join project p on p.workspace_id = m.workspace_id and p.id = ${projectId}
    where m.workspace_id = ${workspaceId} and m.user_id = any(${textArray(userIds)}) and not m.removed
      and ((m.role <> 'GUEST' and p.visibility = 'WORKSPACE') or exists (
        select from project_member a
        where a.workspace_id = m.workspace_id and a.project_id = p.id and a.user_id = m.user_id))`,
  );
  return new Set(rows.map(({ user_id }) => user_id));
}

/** Those of the people who belong to a workspace now. */
export async function findMembersAmong(
  tx: Transaction,
  workspaceId: string,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await writeRows<{ user_id: string }>(
    tx,
    sql`select user_id from member
    where workspace_id = ${workspaceId} and user_id = any(${textArray(userIds)}) and not removed`,
  );
  return new Set(rows.map(({ user_id }) => user_id));
}
