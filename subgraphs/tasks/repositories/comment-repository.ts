import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import type { Comment } from "../domain/project.ts";
import { readableProjects } from "./readable.ts";
import { type ReadSession, readIds, readRows, textArray, writeRows } from "./rows.ts";

const commentColumns = sql.raw("c.workspace_id, c.id, c.task_id, c.author_id, c.body, c.mention_ids, c.version, c.created_at");
type CommentRow = {
  readonly workspace_id: string;
  readonly id: string;
  readonly task_id: string;
  readonly author_id: string;
  readonly body: string;
  readonly mention_ids: unknown;
  readonly version: number;
  readonly created_at: string;
};
const toComment = (row: CommentRow): Comment => ({
  workspaceId: row.workspace_id,
  id: row.id,
  taskId: row.task_id,
  authorId: row.author_id,
  body: row.body,
  mentionIds: readIds(row.mention_ids),
  version: row.version,
  createdAt: row.created_at,
});

/** Those of the comments whose task may be read. */
export async function findComments(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  ids: readonly string[],
): Promise<readonly Comment[]> {
  const workspaceIds = access.map(({ workspaceId }) => workspaceId);
  const rows = await readRows<CommentRow>(
    session,
    sql`select ${commentColumns} from comment c join task t on t.workspace_id = c.workspace_id and t.id = c.task_id
    where c.workspace_id = any(${textArray(workspaceIds)}) and c.id = any(${textArray(ids)}) and ${readableProjects(access, "t")}`,
  );
  return rows.map(toComment);
}

/** Comments of a workspace whose readers were checked before. */
export async function findCommentsOfWorkspace(
  session: ReadSession,
  workspaceId: string,
  ids: readonly string[],
): Promise<readonly Comment[]> {
  const rows = await readRows<CommentRow>(
    session,
    sql`select ${commentColumns} from comment c where c.workspace_id = ${workspaceId} and c.id = any(${textArray(ids)})`,
  );
  return rows.map(toComment);
}

export type TaskLogPage = { readonly after: string | null; readonly limit: number; readonly order: "ASC" | "DESC" };

/** The part of a statement that gives each task its own first rows by id, for tables that have (workspace, task, id). */
export function pageOfEachTask(
  table: "comment" | "activity",
  columns: ReturnType<typeof sql.raw>,
  keys: { workspaceIds: readonly string[]; taskIds: readonly string[] },
  { after, limit, order }: TaskLogPage,
) {
  const place = after === null ? sql`true` : order === "ASC" ? sql`c.id > ${after}` : sql`c.id < ${after}`;
  return sql`select page.* from unnest(${textArray(keys.taskIds)}) as list(key) cross join lateral (
    select ${columns} from ${sql.raw(table)} c
    where c.workspace_id = any(${textArray(keys.workspaceIds)}) and c.task_id = list.key and ${place}
    order by c.id ${sql.raw(order)} limit ${limit}) page`;
}

/** The first comments of each task, which the caller has checked to be readable. Cost: one statement. */
export async function findCommentPages(
  session: ReadSession,
  keys: { workspaceIds: readonly string[]; taskIds: readonly string[] },
  page: TaskLogPage,
): Promise<readonly Comment[]> {
  return (await readRows<CommentRow>(session, pageOfEachTask("comment", commentColumns, keys, page))).map(toComment);
}

export async function insertComment(tx: Transaction, comment: Omit<Comment, "version">): Promise<Comment> {
  const { workspaceId, id, taskId, authorId, body, mentionIds, createdAt } = comment;
  const [row] = await writeRows<CommentRow>(
    tx,
    sql`insert into comment as c (workspace_id, id, task_id, author_id, body, mention_ids, created_at)
    values (${workspaceId}, ${id}, ${taskId}, ${authorId}, ${body}, ${textArray(mentionIds)}, ${createdAt})
    returning ${commentColumns}`,
  );
  return toComment(row!);
}
