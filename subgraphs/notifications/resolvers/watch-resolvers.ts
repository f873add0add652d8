import type { ResolverMap } from "@tributary/platform/subgraph-server";
import type { TaskKey, Watcher } from "../domain/watch.ts";
import { holdsScope, type NotificationsContext } from "./context.ts";
import { toUser } from "./notification-resolvers.ts";

/** A task as the gateway hands it over; the workspace only where tasks has given it, that is, to those who may read the task. */
type TaskReference = { readonly id: string; readonly workspaceId?: string | null };
type WatchersArgs = { first?: number | null; after?: string | null };

/** The task's key where the viewer may read it by what we know as well. */
async function readableKey({ id, workspaceId }: TaskReference, { loaders }: NotificationsContext): Promise<TaskKey | null> {
  if (!workspaceId) return null;
  const task = await loaders.readableTask.load(id);
  return task?.workspaceId === workspaceId ? { workspaceId, taskId: id } : null;
}

export const watchResolvers: ResolverMap<NotificationsContext> = {
  Task: {
    __resolveReference: (reference: TaskReference, context: NotificationsContext) =>
      holdsScope(context, "tasks:read") ? reference : null,
    async watchers(reference: TaskReference, { first, after }: WatchersArgs, context: NotificationsContext) {
      const key = await readableKey(reference, context);
      if (!key) return null;
      const page = context.pages.openWatchers<Watcher>({ taskId: key.taskId, first, after });
      const rows = await context.loaders.watchers({ limit: page.limit, after: page.after }).load(key);
      const { edges, pageInfo } = page.toConnection(rows);
      const shown = edges.map(({ cursor, node }) => ({ cursor, node: toUser(node), since: node.since }));
      return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo };
    },
    async viewerWatch(reference: TaskReference, _: unknown, context: NotificationsContext) {
      const key = await readableKey(reference, context);
      return key && context.loaders.watchLevel.load(key);
    },
  },
};
