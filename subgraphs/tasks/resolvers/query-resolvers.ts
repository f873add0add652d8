import type { ResolverMap } from "@tributary/platform/subgraph-server";
import type { Task } from "../domain/task.ts";
import { loadTaskConnection, readListArguments, type TaskListArguments } from "./task-connection.ts";
import type { TasksContext } from "./tasks-context.ts";

type TaskRef = {
  readonly id?: string | null;
  readonly named?: { readonly workspaceId: string; readonly identifier: string } | null;
};

/** Tries again where the caller's memberships turn out to have been behind. */
async function found<Value>({ access }: TasksContext, load: () => Promise<Value | null>): Promise<Value | null> {
  return (await load()) ?? ((await access.refresh()) ? load() : null);
}

async function loadTask(context: TasksContext, { id, named }: TaskRef): Promise<Task | null> {
  if (named) {
    if (!(await context.access.to(named.workspaceId))) return null;
    return context.loaders.taskByName(named.workspaceId, named.identifier);
  }
  return found(context, () => context.loaders.taskById.clear(id ?? "").load(id ?? ""));
}

export const queryResolvers: ResolverMap<TasksContext> = {
  Query: {
    task: (_, { ref }: { ref: TaskRef }, context) => loadTask(context, ref),
    project: (_, { id }: { id: string }, context) => found(context, () => context.loaders.projectById.clear(id).load(id)),
    tasks: async (_, args: TaskListArguments & { workspaceId: string }, context) =>
      (await context.access.to(args.workspaceId)) &&
      loadTaskConnection(
        context,
        {
          kind: "workspace",
          key: args.workspaceId,
          workspaceIds: [args.workspaceId],
          ...readListArguments(args),
          defaultSize: 50,
        },
        args,
      ),
  },
};
