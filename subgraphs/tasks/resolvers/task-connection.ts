import { workspaceStream } from "@tributary/contracts/cursors";
import { AppError } from "@tributary/platform/errors";
import { pageSize } from "@tributary/platform/paging";
import { limits } from "../domain/limits.ts";
import type { Task } from "../domain/task.ts";
import {
  defaultSort,
  hashOfList,
  normalizeFilter,
  type TaskFilter,
  type TaskFilterInput,
  type TaskListKind,
  type TaskSort,
} from "../domain/task-filter.ts";
import { sortKeyCount, sortKeysOf } from "../domain/task-order.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { TasksContext } from "./tasks-context.ts";

export type PageArguments = { readonly first?: number | null; readonly after?: string | null };
export type TaskListArguments = PageArguments & {
  readonly filter?: TaskFilterInput | null;
  readonly sort?: TaskSort | null;
};

export type TaskConnection = Connection<Task, Task> & {
  totalCount(args: { atMost?: number | null }): Promise<number>;
  feedCursor(): string;
};

type TaskList = {
  readonly kind: TaskListKind;
  /** The project, parent, assignee or workspace whose tasks these are. */
  readonly key: string;
  readonly workspaceIds: readonly string[];
  readonly filter: TaskFilter;
  readonly sort: TaskSort;
  readonly defaultSize: number;
  /** What the list is called in its cursors where the filter alone would not do, as it moves with the day. */
  readonly name?: string;
};

/** A page of tasks. @throws AppError BAD_USER_INPUT for a size out of range or a cursor of another list */
export async function loadTaskConnection(
  { loaders, parts }: TasksContext,
  list: TaskList,
  { first, after }: PageArguments,
): Promise<TaskConnection> {
  const { kind, key, workspaceIds, filter, sort } = list;
  const size = pageSize(first, { max: 100, default: list.defaultSize });
  const hash = hashOfList(`${kind} ${key} ${list.name ?? ""}`, list.name ? {} : filter, sort);
  const keys = after == null ? null : parts.pageCursors.decode(after, hash);
  if (keys !== null && keys.length !== sortKeyCount(sort)) throw new AppError("BAD_USER_INPUT", "INVALID cursor");
  const query = { kind, workspaceIds, filter, sort };
  const { tasks, feedHead } = await loaders.taskPages.load(key, { ...query, after: keys, limit: size + 1 });
  const connection = createConnection({
    rows: tasks,
    size,
    isFirstPage: keys === null,
    cursorOf: (task: Task) => parts.pageCursors.encode([...sortKeysOf(task, sort)], hash),
    nodeOf: (task: Task) => task,
  });
  return {
    ...connection,
    totalCount: ({ atMost }) => loaders.taskCounts.load(key, { ...query, atMost: countLimit(atMost) }),
    feedCursor() {
      const [workspaceId] = workspaceIds;
      if (feedHead === null || workspaceId === undefined) {
        throw new AppError("BAD_USER_INPUT", "A list over several workspaces has no feed: name one workspace");
      }
      return parts.feedCursors.encode({ stream: workspaceStream(workspaceId), seq: feedHead });
    },
  };
}

/** The filter and the sort of a list's arguments. @throws AppError BAD_USER_INPUT */
export const readListArguments = ({ filter, sort }: TaskListArguments): { filter: TaskFilter; sort: TaskSort } => ({
  filter: normalizeFilter(filter),
  sort: sort ?? defaultSort,
});

function countLimit(atMost: number | null | undefined): number {
  const limit = atMost ?? 1_000;
  if (limit < 1 || limit > limits.totalCount) throw new AppError("BAD_USER_INPUT", `atMost is 1 to ${limits.totalCount}`);
  return limit;
}
