import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { project, projectMember, task, workspaceMember } from "../db/schema.ts";
import { mayReadTask, type WorkspaceRole } from "../domain/task-access.ts";
import { anyOf } from "./any-of.ts";

export type Membership = typeof workspaceMember.$inferSelect;
export type TaskRow = typeof task.$inferSelect;
export type AccessKey = { readonly workspaceId: string; readonly projectId: string };

export const accessRepository = {
  /** Keeps the newer version; where versions are equal a removal stays. Needs `app.workspace_id`. */
  saveMembership: async (tx: Transaction, row: Membership): Promise<void> => {
    await tx
      .insert(workspaceMember)
      .values(row)
      .onConflictDoUpdate({
        target: [workspaceMember.workspaceId, workspaceMember.membershipId],
        set: { role: row.role, removedAt: row.removedAt, version: row.version },
        setWhere: lt(workspaceMember.version, sql`excluded.version`),
      });
  },

  /** Which of the users have any membership here, be it a removed one: of the others nothing is known yet. */
  async findKnown(tx: Transaction, workspaceId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx
      .selectDistinct({ userId: workspaceMember.userId })
      .from(workspaceMember)
      .where(and(eq(workspaceMember.workspaceId, workspaceId), anyOf(workspaceMember.userId, userIds)));
    return new Set(rows.map(({ userId }) => userId));
  },

  async isMember(tx: Transaction, workspaceId: string, userId: string): Promise<boolean> {
    const rows = await tx
      .select({ one: sql`1` })
      .from(workspaceMember)
      .where(
        and(eq(workspaceMember.workspaceId, workspaceId), eq(workspaceMember.userId, userId), isNull(workspaceMember.removedAt)),
      );
    return rows.length > 0;
  },

  /** Who left a workspace and joins it again starts without projects. */
  endProjectMemberships: async (tx: Transaction, workspaceId: string, userId: string): Promise<void> => {
    await tx
      .update(projectMember)
      .set({ present: false })
      .where(and(eq(projectMember.workspaceId, workspaceId), eq(projectMember.userId, userId)));
  },

  saveProject: async (tx: Transaction, row: typeof project.$inferSelect): Promise<void> => {
    await tx
      .insert(project)
      .values(row)
      .onConflictDoUpdate({
        target: [project.workspaceId, project.projectId],
        set: { visibility: row.visibility, version: row.version },
        setWhere: lt(project.version, sql`excluded.version`),
      });
  },

  saveProjectMembers: async (tx: Transaction, rows: readonly (typeof projectMember.$inferSelect)[]): Promise<void> => {
    if (rows.length === 0) return;
    await tx
      .insert(projectMember)
      .values([...rows])
      .onConflictDoUpdate({
        target: [projectMember.workspaceId, projectMember.projectId, projectMember.userId],
        set: { present: sql`excluded.present`, version: sql`excluded.version` },
        setWhere: lt(projectMember.version, sql`excluded.version`),
      });
  },

  saveTask: async (tx: Transaction, row: TaskRow): Promise<void> => {
    await tx
      .insert(task)
      .values(row)
      .onConflictDoUpdate({
        target: [task.workspaceId, task.taskId],
        set: { projectId: row.projectId, identifier: row.identifier, title: row.title, version: row.version },
        setWhere: lt(task.version, sql`excluded.version`),
      });
  },

  async isProjectKnown(tx: Transaction, { workspaceId, projectId }: AccessKey): Promise<boolean> {
    const rows = await tx
      .select({ one: sql`1` })
      .from(project)
      .where(and(eq(project.workspaceId, workspaceId), eq(project.projectId, projectId)));
    return rows.length > 0;
  },

  /** Whether the user may read the tasks of a project now. Needs `app.workspace_id`. */
  async mayReadProject(tx: Transaction, key: AccessKey, userId: string): Promise<boolean> {
    const rows = await tx
      .select(factColumns)
      .from(project)
      .leftJoin(workspaceMember, joinMember(userId))
      .leftJoin(projectMember, joinProjectMember(userId))
      .where(and(eq(project.workspaceId, key.workspaceId), eq(project.projectId, key.projectId)));
    return rows.some(isReadable);
  },

  /** Those of the tasks that the user may read: id to row. */
  async findReadableTasks(db: ReadDatabase, taskIds: readonly string[], userId: string): Promise<ReadonlyMap<string, TaskRow>> {
    const rows = await db
      .select({ ...factColumns, task })
      .from(task)
      .innerJoin(project, and(eq(project.workspaceId, task.workspaceId), eq(project.projectId, task.projectId)))
      .leftJoin(workspaceMember, joinMember(userId))
      .leftJoin(projectMember, joinProjectMember(userId))
      .where(anyOf(task.taskId, taskIds));
    return new Map(rows.filter(isReadable).map((row) => [row.task.taskId, row.task]));
  },
};

const factColumns = { role: workspaceMember.role, visibility: project.visibility, inProject: projectMember.present };

const joinMember = (userId: string) =>
  and(
    eq(workspaceMember.workspaceId, project.workspaceId),
    eq(workspaceMember.userId, userId),
    isNull(workspaceMember.removedAt),
  );

const joinProjectMember = (userId: string) =>
  and(
    eq(projectMember.workspaceId, project.workspaceId),
    eq(projectMember.projectId, project.projectId),
    eq(projectMember.userId, userId),
    eq(projectMember.present, true),
  );

const isReadable = (row: {
  role: WorkspaceRole | null;
  visibility: "WORKSPACE" | "PRIVATE";
  inProject: boolean | null;
}): boolean => mayReadTask({ role: row.role, visibility: row.visibility, inProject: row.inProject === true });
