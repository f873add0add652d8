import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import type { Role } from "../domain/policies.ts";
import type { Project, ProjectMember, ProjectVisibility } from "../domain/project.ts";
import { readableProjects } from "./readable.ts";
import { type ReadSession, readRows, textArray, writeRows } from "./rows.ts";

const projectColumns = sql.raw(
  "p.workspace_id, p.id, p.key, p.name, p.description, p.visibility, p.lead_id, p.creator_id, p.version, p.created_at",
);
type ProjectRow = {
  readonly workspace_id: string;
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly visibility: ProjectVisibility;
  readonly lead_id: string | null;
  readonly creator_id: string;
  readonly version: number;
  readonly created_at: string;
};
const toProject = (row: ProjectRow): Project => ({
  workspaceId: row.workspace_id,
  id: row.id,
  key: row.key,
  name: row.name,
  description: row.description,
  visibility: row.visibility,
  leadId: row.lead_id,
  creatorId: row.creator_id,
  version: row.version,
  createdAt: row.created_at,
});

/** Those of the projects that may be read. */
export async function findProjects(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  ids: readonly string[],
): Promise<readonly Project[]> {
  const rows = await readRows<ProjectRow>(
    session,
    sql`select ${projectColumns} from project p where ${readableProjects(access, "p")} and p.id = any(${textArray(ids)})`,
  );
  return rows.map(toProject);
}

/** The first projects of each workspace that may be read, after an id, oldest first. Cost: one statement. */
export async function findProjectPages(
  session: ReadSession,
  access: readonly WorkspaceAccess[],
  page: { after: string | null; limit: number },
): Promise<readonly Project[]> {
  const rows = await readRows<ProjectRow>(
    session,
    sql`select page.* from unnest(${textArray(access.map(({ workspaceId }) => workspaceId))}) as list(key) cross join lateral (
      select ${projectColumns} from project p
      where p.workspace_id = list.key and ${readableProjects(access, "p")} and p.id > ${page.after ?? ""}
      order by p.id limit ${page.limit}) page`,
  );
  return rows.map(toProject);
}

/** Done tasks and all that are not canceled, by project. Cost: one statement over the index of project and status. */
export async function countProgress(
  session: ReadSession,
  workspaceIds: readonly string[],
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, { done: number; total: number }>> {
  const rows = await readRows<{ project_id: string; done: number; total: number }>(
    session,
    sql`select t.project_id, count(*) filter (where t.status = 'DONE')::int as done,
      count(*) filter (where t.status <> 'CANCELED')::int as total
    from task t where t.workspace_id = any(${textArray(workspaceIds)}) and t.project_id = any(${textArray(projectIds)})
    group by t.project_id`,
  );
  return new Map(rows.map(({ project_id, done, total }) => [project_id, { done, total }]));
}

/** The first members of each project after a user id, in the order of ids. Cost: one statement. */
export async function findProjectMembers(
  session: ReadSession,
  projects: { workspaceIds: readonly string[]; projectIds: readonly string[] },
  page: { after: string | null; limit: number },
): Promise<readonly ProjectMember[]> {
  const rows = await readRows<{ project_id: string; user_id: string; added_at: string }>(
    session,
    sql`select page.* from unnest(${textArray(projects.projectIds)}) as list(key) cross join lateral (
      select a.project_id, a.user_id, a.added_at from project_member a
      where a.workspace_id = any(${textArray(projects.workspaceIds)}) and a.project_id = list.key and a.user_id > ${page.after ?? ""}
      order by a.user_id limit ${page.limit}) page`,
  );
  return rows.map(({ project_id, user_id, added_at }) => ({ projectId: project_id, userId: user_id, addedAt: added_at }));
}

/** The workspace of a project, where the caller is a member of it. */
export async function locateProject(session: ReadSession, userId: string, projectId: string): Promise<string | null> {
  const [row] = await readRows<{ workspace_id: string }>(
    session,
    sql`select p.workspace_id from member m join project p on p.workspace_id = m.workspace_id and p.id = ${projectId}
    where m.user_id = ${userId} and not m.removed`,
  );
  return row?.workspace_id ?? null;
}

export type LockedProject = { readonly project: Project; readonly role: Role; readonly added: boolean; readonly number: number };

type LockedRow = ProjectRow & { member_role: Role; is_added: boolean; last_number: number };
const standingColumns = sql`m.role as member_role, exists (
  select from project_member a where a.workspace_id = p.workspace_id and a.project_id = p.id and a.user_id = m.user_id) as is_added,
  p.last_number`;
const toLocked = (row: LockedRow | undefined): LockedProject | null =>
  row ? { project: toProject(row), role: row.member_role, added: row.is_added, number: row.last_number } : null;

type ProjectKey = { readonly workspaceId: string; readonly projectId: string; readonly userId: string };

/** Locks a project and draws its next number, with how someone stands to it; a rollback gives the number back. */
export async function takeTaskNumber(
  tx: Transaction,
  { workspaceId, projectId, userId }: ProjectKey,
): Promise<LockedProject | null> {
  const [row] = await writeRows<LockedRow>(
    tx,
    sql`update project as p set last_number = p.last_number + 1 from member m
    where p.workspace_id = ${workspaceId} and p.id = ${projectId}
      and m.workspace_id = ${workspaceId} and m.user_id = ${userId} and not m.removed
    returning ${projectColumns}, ${standingColumns}`,
  );
  return toLocked(row);
}

/** Locks a project, with how someone stands to it. */
export async function lockProject(
  tx: Transaction,
  { workspaceId, projectId, userId }: ProjectKey,
): Promise<LockedProject | null> {
  const [row] = await writeRows<LockedRow>(
    tx,
    sql`select ${projectColumns}, ${standingColumns}
    from project p join member m on m.workspace_id = p.workspace_id and m.user_id = ${userId} and not m.removed
    where p.workspace_id = ${workspaceId} and p.id = ${projectId} for no key update of p`,
  );
  return toLocked(row);
}

/** Adds a project. @throws a unique violation of `project_key` where the key is taken */
export async function insertProject(tx: Transaction, project: Project): Promise<Project> {
  const { workspaceId, id, key, name, description, visibility, leadId, creatorId, createdAt } = project;
  const [row] = await writeRows<ProjectRow>(
    tx,
    sql`insert into project as p (workspace_id, id, key, name, description, visibility, lead_id, creator_id, created_at)
    values (${workspaceId}, ${id}, ${key}, ${name}, ${description}, ${visibility}, ${leadId}, ${creatorId}, ${createdAt})
    returning ${projectColumns}`,
  );
  return toProject(row!);
}

/** Raises a project's version. */
export async function touchProject(tx: Transaction, project: Project): Promise<Project> {
  const [row] = await writeRows<ProjectRow>(
    tx,
    sql`update project as p set version = version + 1
    where p.workspace_id = ${project.workspaceId} and p.id = ${project.id} returning ${projectColumns}`,
  );
  return toProject(row!);
}

/** Adds people to a project; gives those who were not in it. */
export async function addProjectMembers(
  tx: Transaction,
  { workspaceId, id }: Pick<Project, "workspaceId" | "id">,
  userIds: readonly string[],
  now: string,
): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const rows = await writeRows<{ user_id: string }>(
    tx,
    sql`insert into project_member (workspace_id, project_id, user_id, added_at)
    select ${workspaceId}, ${id}, added.user_id, ${now}::timestamptz from unnest(${textArray(userIds)}) as added(user_id)
    on conflict do nothing returning user_id`,
  );
  return rows.map(({ user_id }) => user_id);
}

/** Takes people off a project; gives those who were in it. */
export async function removeProjectMembers(
  tx: Transaction,
  { workspaceId, id }: Pick<Project, "workspaceId" | "id">,
  userIds: readonly string[],
): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const rows = await writeRows<{ user_id: string }>(
    tx,
    sql`delete from project_member
    where workspace_id = ${workspaceId} and project_id = ${id} and user_id = any(${textArray(userIds)}) returning user_id`,
  );
  return rows.map(({ user_id }) => user_id);
}

/** Takes a removed member off every project of a workspace. */
export async function leaveAllProjects(tx: Transaction, workspaceId: string, userId: string): Promise<void> {
  await tx.execute(sql`delete from project_member where workspace_id = ${workspaceId} and user_id = ${userId}`);
}

export async function hasProjectMembers(
  tx: Transaction,
  { workspaceId, id }: Pick<Project, "workspaceId" | "id">,
): Promise<boolean> {
  const rows = await writeRows<object>(
    tx,
    sql`select 1 from project_member where workspace_id = ${workspaceId} and project_id = ${id} limit 1`,
  );
  return rows.length > 0;
}
