import { AppError } from "@tributary/platform/errors";
import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { kindOf } from "../domain/feed-events.ts";
import { limits } from "../domain/limits.ts";
import type { TaskEventKind } from "../domain/task.ts";
import { loadPerson } from "./people.ts";
import { openTaskFeed, type TaskEventFrame, type TaskFeedFrame } from "./task-feed.ts";
import type { TasksContext } from "./tasks-context.ts";

type FeedFilter = { readonly projectIds?: readonly string[] | null; readonly kinds?: readonly TaskEventKind[] | null };
type WorkspaceFeedArguments = {
  readonly workspaceId: string;
  readonly after?: string | null;
  readonly filter?: FeedFilter | null;
};
type TaskFeedArguments = { readonly taskId: string; readonly after?: string | null };

const asSet = <Value>(values: readonly Value[] | null | undefined): ReadonlySet<Value> | null => {
  if (values == null) return null;
  if (values.length > limits.filterValues)
    throw new AppError("BAD_USER_INPUT", `A filter names at most ${limits.filterValues} values`);
  return new Set(values);
};

async function openWorkspaceFeed(context: TasksContext, { workspaceId, after = null, filter }: WorkspaceFeedArguments) {
  const projectIds = asSet(filter?.projectIds);
  const kinds = asSet<string>(filter?.kinds);
  return openTaskFeed(context, {
    workspaceId,
    after,
    isWanted: (event) => (projectIds?.has(event.data.projectId) ?? true) && (kinds?.has(kindOf(event)) ?? true),
  });
}

async function openFeedOfTask(context: TasksContext, { taskId, after = null }: TaskFeedArguments) {
  const load = () => context.loaders.taskById.clear(taskId).load(taskId);
  const task = (await load()) ?? ((await context.access.refresh()) ? await load() : null);
  if (!task) throw new AppError("NOT_FOUND", "There is nothing to follow here");
  return openTaskFeed(context, {
    workspaceId: task.workspaceId,
    after,
    isWanted: (event) => event.data.taskId === taskId,
    projectId: task.projectId,
  });
}

/** The frame itself: what `subscribe` yields is the root value of each event. */
const frame = (source: TaskFeedFrame): TaskFeedFrame => source;

export const feedResolvers: ResolverMap<TasksContext> = {
  Subscription: {
    workspaceFeed: {
      subscribe: (_, args: WorkspaceFeedArguments, context) => openWorkspaceFeed(context, args),
      resolve: frame,
    },
    taskFeed: {
      subscribe: (_, args: TaskFeedArguments, context) => openFeedOfTask(context, args),
      resolve: frame,
    },
  },
  TaskEvent: {
    eventId: ({ event }: TaskEventFrame) => event.id,
    taskId: ({ event }: TaskEventFrame) => event.data.taskId,
    taskVersion: ({ event }: TaskEventFrame) => event.aggregate.version,
    changes: ({ event }: TaskEventFrame) => event.data.changes,
    occurredAt: ({ event }: TaskEventFrame) => event.occurredAt,
    task({ event, read }: TaskEventFrame, _, context) {
      context.loaders = { ...context.loaders, profileById: read.profileById, labelById: read.labelById };
      return read.taskById.load(event.data.taskId);
    },
    comment({ event, read }: TaskEventFrame, _, context) {
      context.loaders = { ...context.loaders, profileById: read.profileById };
      return event.data.commentId ? read.commentById.load(event.data.commentId) : null;
    },
    actor: ({ event: { actor }, read }: TaskEventFrame) =>
      actor.type === "user" ? loadPerson({ loaders: read }, actor.id) : null,
  },
};
