import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { type DueWindow, dueWindowDays } from "../domain/due-window.ts";
import type { Comment, Project, ProjectMember } from "../domain/project.ts";
import { type Activity, openStatuses } from "../domain/task.ts";
import { normalizeFilter } from "../domain/task-filter.ts";
import { loadIdListConnection } from "./id-list-connection.ts";
import { loadPeople, loadPerson } from "./people.ts";
import { loadTaskConnection, type PageArguments, readListArguments, type TaskListArguments } from "./task-connection.ts";
import { requireReadScope, requireUserId, type TasksContext } from "./tasks-context.ts";

type Reference = { readonly id: string };
type ViewerReference = Reference & { readonly timeZone: string };

/** The types that other subgraphs share with this one, and those that hang on tasks. */
export const entityResolvers: ResolverMap<TasksContext> = {
  Project: {
    __resolveReference({ id }: Reference, context: TasksContext) {
      requireReadScope(context);
      return context.loaders.projectById.load(id);
    },
    workspace: ({ workspaceId }: Project) => ({ id: workspaceId }),
    lead: ({ leadId }: Project) => leadId && { id: leadId },
    members: ({ id }: Project, page: PageArguments, context) =>
      loadIdListConnection(
        context,
        {
          name: `project members ${id}`,
          defaultSize: 50,
          load: (part) => context.loaders.projectMemberPages.load(id, part),
          idOf: (member: ProjectMember) => member.userId,
          nodeOf: (member: ProjectMember) => ({ id: member.userId }),
        },
        page,
      ),
    tasks: ({ id, workspaceId }: Project, args: TaskListArguments, context) =>
      loadTaskConnection(
        context,
        { kind: "project", key: id, workspaceIds: [workspaceId], ...readListArguments(args), defaultSize: 50 },
        args,
      ),
    progress: ({ id }: Project, _, { loaders }) => loaders.projectProgress.load(id),
  },
  ProjectMemberEdge: {
    addedAt: ({ row }: { row: ProjectMember }) => row.addedAt,
  },
  Label: {
    __resolveReference({ id }: Reference, context: TasksContext) {
      requireReadScope(context);
      return context.loaders.labelById.load(id);
    },
  },
  Comment: {
    __resolveReference({ id }: Reference, context: TasksContext) {
      requireReadScope(context);
      return context.loaders.commentById.load(id);
    },
    task: ({ taskId }: Comment, _, { loaders }) => loaders.taskById.load(taskId),
    author: ({ authorId }: Comment, _, context) => loadPerson(context, authorId),
    mentions: ({ mentionIds }: Comment, _, context) => loadPeople(context, mentionIds),
  },
  Activity: {
    actor: ({ actorId }: Activity, _, context) => loadPerson(context, actorId),
  },
  Workspace: {
    __resolveReference: ({ id }: Reference) => ({ id }),
    labels: async ({ id }: Reference, _, { access, loaders }) =>
      (await access.to(id)) ? loaders.labelsOfWorkspace.load(id) : null,
    projects: async ({ id }: Reference, page: PageArguments, context) =>
      (await context.access.to(id)) &&
      loadIdListConnection(
        context,
        {
          name: `projects ${id}`,
          defaultSize: 50,
          load: (part) => context.loaders.projectPages.load(id, part),
          idOf: (project) => project.id,
          nodeOf: (project) => project,
        },
        page,
      ),
  },
  User: {
    __resolveReference: ({ id }: Reference) => ({ id }),
    assignedTasks: async ({ id }: Reference, args: TaskListArguments & { workspaceId: string }, context) =>
      (await context.access.to(args.workspaceId)) &&
      loadTaskConnection(
        context,
        { kind: "assignee", key: id, workspaceIds: [args.workspaceId], ...readListArguments(args), defaultSize: 50 },
        args,
      ),
  },
  Viewer: {
    // Nobody is anybody else's viewer, whatever representation arrives.
    __resolveReference: (viewer: ViewerReference, context: TasksContext) =>
      viewer.id === requireUserId(context) ? viewer : null,
    async dueTasks(
      { id, timeZone }: ViewerReference,
      { window, workspaceId, ...page }: PageArguments & { window: DueWindow; workspaceId?: string | null },
      context,
    ) {
      const access = workspaceId == null ? await context.access.all() : [await context.access.to(workspaceId)];
      const workspaceIds = access.flatMap((one) => one?.workspaceId ?? []);
      if (workspaceId != null && workspaceIds.length === 0) return null;
      return loadTaskConnection(
        context,
        {
          kind: "assignee",
          key: id,
          workspaceIds,
          filter: normalizeFilter({ status: openStatuses, due: dueWindowDays(window, timeZone) }),
          sort: { field: "DUE_DATE", direction: "ASC" },
          defaultSize: 20,
          name: `due ${window} ${workspaceId ?? ""}`, // the days move on at midnight, a page begun before goes on
        },
        page,
      );
    },
  },
};
