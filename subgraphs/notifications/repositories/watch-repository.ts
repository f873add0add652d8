import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import { task, taskWatch, userProfile } from "../db/schema.ts";
import type { TaskKey, Watcher, WatcherPlace, WatchLevel } from "../domain/watch.ts";
import { textArray } from "./any-of.ts";

// Two arrays side by side: one statement text for any number of tasks.
const pairs = (keys: readonly TaskKey[]) =>
  sql`unnest(${textArray(keys.map(({ workspaceId }) => workspaceId))}, ${textArray(keys.map(({ taskId }) => taskId))})`;

export const watchRepository = {
  /** The caller's own level on each of the tasks; absent where there is none. */
  findLevels: (db: ReadDatabase, userId: string, keys: readonly TaskKey[]) =>
    db
      .select({ workspaceId: taskWatch.workspaceId, taskId: taskWatch.taskId, level: taskWatch.level })
      .from(taskWatch)
      .where(
        and(eq(taskWatch.userId, userId), sql`(${taskWatch.workspaceId}, ${taskWatch.taskId}) in (select * from ${pairs(keys)})`),
      ),

  /** For each task its first `limit` watchers after a place, the first to watch first. Muting is not watching. */
  async findWatchers(
    db: ReadDatabase,
    { keys, after, limit }: { keys: readonly TaskKey[]; after: WatcherPlace | null; limit: number },
  ): Promise<Watcher[]> {
    const wanted = sql`${pairs(keys)} as wanted (workspace_id, task_id)`;
    const watcher = db
      .select({
        taskId: taskWatch.taskId,
        since: taskWatch.since,
        userId: taskWatch.userId,
        displayName: userProfile.displayName,
        avatarUrl: userProfile.avatarUrl,
      })
      .from(taskWatch)
      .innerJoin(userProfile, eq(userProfile.userId, taskWatch.userId))
      .where(
        and(
          sql`${taskWatch.workspaceId} = wanted.workspace_id and ${taskWatch.taskId} = wanted.task_id`,
          ne(taskWatch.level, "MUTED"),
          after
            ? sql`(${taskWatch.since}, ${taskWatch.userId}) > (${after.since.toISOString()}::timestamptz, ${after.userId})`
            : undefined,
        ),
      )
      .orderBy(taskWatch.since, taskWatch.userId)
      .limit(limit)
      .as("watcher");
    return db
      .select({
        taskId: watcher.taskId,
        since: watcher.since,
        userId: watcher.userId,
        displayName: watcher.displayName,
        avatarUrl: watcher.avatarUrl,
      })
      .from(wanted)
      .innerJoinLateral(watcher, sql`true`)
      .orderBy(watcher.taskId, watcher.since, watcher.userId);
  },

  /** Everyone with a level on the task. Needs `app.workspace_id`. */
  findAll: (tx: Transaction, { workspaceId, taskId }: TaskKey): Promise<{ userId: string; level: WatchLevel }[]> =>
    tx
      .select({ userId: taskWatch.userId, level: taskWatch.level })
      .from(taskWatch)
      .where(and(eq(taskWatch.workspaceId, workspaceId), eq(taskWatch.taskId, taskId)))
      .orderBy(taskWatch.since, taskWatch.userId),

  /** Begins to follow a task; who has a level already keeps it, muted ones too. */
  participate: async (tx: Transaction, { workspaceId, taskId }: TaskKey, userId: string, since: Date): Promise<void> => {
    await tx.insert(taskWatch).values({ workspaceId, taskId, userId, level: "PARTICIPATING", since }).onConflictDoNothing();
  },

  /** Sets or ends the level. The time it began is kept where it only changes. */
  async set(tx: Transaction, key: TaskKey, userId: string, level: WatchLevel | null, since: Date): Promise<void> {
    const own = and(eq(taskWatch.workspaceId, key.workspaceId), eq(taskWatch.taskId, key.taskId), eq(taskWatch.userId, userId));
    if (level === null) await tx.delete(taskWatch).where(own);
    else {
      await tx
        .insert(taskWatch)
        .values({ ...key, userId, level, since })
        .onConflictDoUpdate({ target: [taskWatch.workspaceId, taskWatch.taskId, taskWatch.userId], set: { level } });
    }
  },

  /** Ends a person's watches in a workspace, or in one project of it. */
  async end(
    tx: Transaction,
    userId: string,
    { workspaceId, projectId }: { workspaceId: string; projectId?: string },
  ): Promise<void> {
    const ofProject =
      projectId === undefined
        ? undefined
        : inArray(
            taskWatch.taskId,
            tx
              .select({ taskId: task.taskId })
              .from(task)
              .where(and(eq(task.workspaceId, workspaceId), eq(task.projectId, projectId))),
          );
    await tx.delete(taskWatch).where(and(eq(taskWatch.workspaceId, workspaceId), eq(taskWatch.userId, userId), ofProject));
  },
};
