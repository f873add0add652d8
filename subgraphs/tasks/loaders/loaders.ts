import type { Task } from "../domain/task.ts";
import { findActivityPages } from "../repositories/activity-repository.ts";
import { findCommentPages, findComments, type TaskLogPage } from "../repositories/comment-repository.ts";
import { findLabels, findLabelsOfWorkspaces } from "../repositories/label-repository.ts";
import { findProfiles } from "../repositories/profile-repository.ts";
import { countProgress, findProjectMembers, findProjectPages, findProjects } from "../repositories/project-repository.ts";
import type { ReadSession } from "../repositories/rows.ts";
import { countTasks, findTaskPages, type TaskListQuery, type TaskPageQuery } from "../repositories/task-page-repository.ts";
import { findBlockedAmong, findDependencies, findTasks, findTasksByName } from "../repositories/task-repository.ts";
import { createArgumentLoader, createKeyedLoader, groupBy, mapBy } from "./keyed-loader.ts";
import type { ViewerAccess } from "./viewer-access.ts";

type IdPage = { readonly after: string | null; readonly limit: number };
/** The list's access by its workspaces' ids, so that equal lists have equal arguments. */
export type ListArguments<Query extends TaskListQuery> = Omit<Query, "access"> & { readonly workspaceIds: readonly string[] };

const nameKey = (workspaceId: string, identifier: string) => `${workspaceId} ${identifier}`;

/** What the fields of one request load: each in one statement, whatever the number of its keys. Made per request. */
export function createLoaders({ session, access }: { session: ReadSession; access: ViewerAccess }) {
  const workspaceIds = async () => (await access.all()).map(({ workspaceId }) => workspaceId);
  const accessTo = async (ids: readonly string[]) => (await access.all()).filter(({ workspaceId }) => ids.includes(workspaceId));
  /** Someone without workspaces sees nothing: no statement. */
  const whereMember = async <Value>(find: (all: Awaited<ReturnType<ViewerAccess["all"]>>) => Promise<readonly Value[]>) => {
    const all = await access.all();
    return all.length === 0 ? [] : find(all);
  };

  const taskById = createKeyedLoader<Task, null>(
    async (ids) => mapBy(await whereMember((all) => findTasks(session, all, ids)), ({ id }) => id),
    null,
  );
  const dependencies = (direction: "blockedBy" | "blocks") =>
    createKeyedLoader<readonly Task[], readonly Task[]>(
      async (ids) =>
        groupBy(
          await whereMember((all) => findDependencies(session, all, ids, direction)),
          ({ taskId }) => taskId,
          ({ other }) => other,
        ),
      [],
    );

  const taskByName = createKeyedLoader<Task, null>(async (names) => {
    const identifiers = names.map((name) => name.slice(name.indexOf(" ") + 1));
    const found = await whereMember((all) => findTasksByName(session, all, identifiers));
    return mapBy(found, ({ workspaceId, identifier }) => nameKey(workspaceId, identifier));
  }, null);

  return {
    taskById,
    taskByName: (workspaceId: string, identifier: string) => taskByName.load(nameKey(workspaceId, identifier)),
    projectById: createKeyedLoader(
      async (ids) => mapBy(await whereMember((all) => findProjects(session, all, ids)), ({ id }) => id),
      null,
    ),
    labelById: createKeyedLoader(
      async (ids) => mapBy(await findLabels(session, await workspaceIds(), ids), ({ id }) => id),
      null,
    ),
    commentById: createKeyedLoader(
      async (ids) => mapBy(await whereMember((all) => findComments(session, all, ids)), ({ id }) => id),
      null,
    ),
    profileById: createKeyedLoader(async (ids) => mapBy(await findProfiles(session, ids), ({ id }) => id), null),
    blockedBy: dependencies("blockedBy"),
    blocks: dependencies("blocks"),
    isBlocked: createKeyedLoader(async (ids) => {
      const blocked = await findBlockedAmong(session, await workspaceIds(), ids);
      return new Map(ids.map((id) => [id, blocked.has(id)]));
    }, false),
    projectProgress: createKeyedLoader(async (ids) => countProgress(session, await workspaceIds(), ids), { done: 0, total: 0 }),
    labelsOfWorkspace: createKeyedLoader(
      async (ids) =>
        groupBy(
          await findLabelsOfWorkspaces(session, ids),
          ({ workspaceId }) => workspaceId,
          (label) => label,
        ),
      [],
    ),
    taskPages: createArgumentLoader(
      async (keys, { workspaceIds: ids, ...query }: ListArguments<TaskPageQuery>) =>
        findTaskPages(session, keys, { ...query, access: await accessTo(ids) }),
      () => ({ tasks: [], feedHead: null }),
    ),
    taskCounts: createArgumentLoader(
      async (keys, { workspaceIds: ids, ...query }: ListArguments<TaskListQuery> & { atMost: number }) =>
        countTasks(session, keys, { ...query, access: await accessTo(ids) }),
      () => 0,
    ),
    commentPages: createArgumentLoader(
      async (taskIds, page: TaskLogPage) =>
        groupBy(
          await findCommentPages(session, { workspaceIds: await workspaceIds(), taskIds }, page),
          ({ taskId }) => taskId,
          (comment) => comment,
        ),
      () => [],
    ),
    activityPages: createArgumentLoader(
      async (taskIds, page: TaskLogPage) =>
        groupBy(
          await findActivityPages(session, { workspaceIds: await workspaceIds(), taskIds }, page),
          ({ taskId }) => taskId,
          (activity) => activity,
        ),
      () => [],
    ),
    projectPages: createArgumentLoader(
      async (ids, page: IdPage) =>
        groupBy(
          await findProjectPages(session, await accessTo(ids), page),
          ({ workspaceId }) => workspaceId,
          (project) => project,
        ),
      () => [],
    ),
    projectMemberPages: createArgumentLoader(
      async (projectIds, page: IdPage) =>
        groupBy(
          await findProjectMembers(session, { workspaceIds: await workspaceIds(), projectIds }, page),
          ({ projectId }) => projectId,
          (member) => member,
        ),
      () => [],
    ),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
