import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { standingIn } from "../domain/access.ts";
import { canComment, canEditTasks, canTrashTask } from "../domain/policies.ts";
import type { Task } from "../domain/task.ts";
import { defaultSort } from "../domain/task-filter.ts";
import type { Loaders } from "../loaders/loaders.ts";
import { loadIdListConnection } from "./id-list-connection.ts";
import { loadPeople, loadPerson } from "./people.ts";
import { loadTaskConnection, type PageArguments } from "./task-connection.ts";
import { requireReadScope, requireUserId, type TasksContext } from "./tasks-context.ts";

type LogArguments = PageArguments & { readonly order?: "ASC" | "DESC" | null };
type Reference = { readonly id: string };

async function abilitiesOf(task: Task, context: TasksContext) {
  const [access, project] = await Promise.all([
    context.access.to(task.workspaceId),
    context.loaders.projectById.load(task.projectId),
  ]);
  if (!access || !project) return { edit: false, comment: false, trash: false };
  const userId = requireUserId(context);
  const standing = standingIn(access, project);
  const involvement = {
    isCreator: task.creatorId === userId,
    isAssignee: task.assigneeIds.includes(userId),
    isLead: project.leadId === userId,
  };
  return { edit: canEditTasks(standing), comment: canComment(standing), trash: canTrashTask(standing, involvement) };
}

const loadLabels = async ({ labelById }: Pick<Loaders, "labelById">, ids: readonly string[]) =>
  (await Promise.all(ids.map((id) => labelById.load(id)))).filter((label) => label !== null);

export const taskResolvers: ResolverMap<TasksContext> = {
  Task: {
    __resolveReference({ id }: Reference, context: TasksContext) {
      requireReadScope(context);
      return context.loaders.taskById.load(id);
    },
    workspace: ({ workspaceId }: Task) => ({ id: workspaceId }),
    project: ({ projectId }: Task, _, { loaders }) => loaders.projectById.load(projectId),
    creator: ({ creatorId }: Task, _, context) => loadPerson(context, creatorId),
    assignees: ({ assigneeIds }: Task, _, context) => loadPeople(context, assigneeIds),
    labels: ({ labelIds }: Task, _, { loaders }) => (labelIds.length === 0 ? [] : loadLabels(loaders, labelIds)),
    parent: ({ parentId }: Task, _, { loaders }) => (parentId === null ? null : loaders.taskById.load(parentId)),
    subtasks: ({ id, workspaceId }: Task, page: PageArguments, context) =>
      loadTaskConnection(
        context,
        { kind: "parent", key: id, workspaceIds: [workspaceId], filter: {}, sort: defaultSort, defaultSize: 20 },
        page,
      ),
    blockedBy: ({ id }: Task, _, { loaders }) => loaders.blockedBy.load(id),
    blocks: ({ id }: Task, _, { loaders }) => loaders.blocks.load(id),
    isBlocked: ({ id }: Task, _, { loaders }) => loaders.isBlocked.load(id),
    progress: ({ subtaskDone, subtaskTotal }: Task) => ({ done: subtaskDone, total: subtaskTotal }),
    viewerCan: (task: Task, _, context) => abilitiesOf(task, context),
    comments({ id }: Task, { order, ...page }: LogArguments, context) {
      const direction = order ?? "DESC";
      return loadIdListConnection(
        context,
        {
          name: `comments ${direction} ${id}`,
          defaultSize: 20,
          load: (part) => context.loaders.commentPages.load(id, { ...part, order: direction }),
          idOf: (comment) => comment.id,
          nodeOf: (comment) => comment,
        },
        page,
      );
    },
    activity({ id }: Task, { order, ...page }: LogArguments, context) {
      const direction = order ?? "DESC";
      return loadIdListConnection(
        context,
        {
          name: `activity ${direction} ${id}`,
          defaultSize: 20,
          load: (part) => context.loaders.activityPages.load(id, { ...part, order: direction }),
          idOf: (activity) => activity.id,
          nodeOf: (activity) => activity,
        },
        page,
      );
    },
  },
};
