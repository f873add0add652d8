import { workspaceStream } from "@tributary/contracts/cursors";
import { feedHeadSql } from "@tributary/platform/feeds";
import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import { mayRead } from "../domain/access.ts";
import type { FeedRights } from "../domain/feed-rights.ts";
import type { Role } from "../domain/policies.ts";
import type { ProjectVisibility } from "../domain/project.ts";
import { type ReadSession, readIds, readRows, writeRows } from "./rows.ts";

export type FeedReader = { readonly workspaceId: string; readonly userId: string };
export type FeedStart = { readonly rights: FeedRights; readonly head: number };
type Row = { role: Role; added: unknown; projects: Record<string, ProjectVisibility> | null; head: number };

/**
 * What someone may see of a workspace's feed, and the feed's head in the same snapshot: every later change of their rights has a
 * higher number. Null where they are no member. Cost: one statement.
 */
export const findFeedRights = async (session: ReadSession, reader: FeedReader): Promise<FeedStart | null> =>
  toStart(reader, await readRows<Row>(session, rightsOf(reader)));

/** The same, as the primary has it. */
export const findFeedRightsNow = async (tx: Transaction, reader: FeedReader): Promise<FeedStart | null> =>
  toStart(reader, await writeRows<Row>(tx, rightsOf(reader)));

const rightsOf = ({ workspaceId, userId }: FeedReader) => sql`
    select m.role, ${feedHeadSql(workspaceStream(workspaceId))} as head, array(
        select a.project_id from project_member a where a.workspace_id = m.workspace_id and a.user_id = m.user_id) as added, (
        select json_object_agg(p.id, p.visibility) from project p where p.workspace_id = m.workspace_id) as projects
    from member m where m.workspace_id = ${workspaceId} and m.user_id = ${userId} and not m.removed`;

function toStart({ workspaceId, userId }: FeedReader, [row]: readonly Row[]): FeedStart | null {
  if (!row) return null;
  const access = { workspaceId, role: row.role, addedProjectIds: new Set(readIds(row.added)) };
  const projects = Object.entries(row.projects ?? {}).filter(([id, visibility]) => mayRead(access, { id, visibility }));
  return { rights: { userId, role: row.role, projects: new Map(projects) }, head: Number(row.head) };
}
