import {
  type DemoTask,
  demoCommentCount,
  demoCommentId,
  demoPeople,
  demoProjects,
  demoTaskId,
  demoTaskOfComment,
  demoTasks,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import { idAtTime } from "@tributary/contracts/ids";
import { derivedId } from "./domain/derived-id.ts";
import type { Notification, NotificationKind } from "./domain/notification.ts";
import { mayReadTask } from "./domain/task-access.ts";

const notificationCount = 1_000;
const unreadCount = 120;
const watchCount = 1_500;
// Fixed and in the past, so that ids and times are the same on each machine and day.
const firstMs = Date.UTC(2026, 7, 1, 8);
const stepMs = 7_000_000; // a thousand of them are some eleven weeks
const kinds: readonly NotificationKind[] = ["COMMENT_ADDED", "TASK_ASSIGNED", "COMMENT_ADDED", "MENTIONED"];
const excerpts = [
  "Looks good to me.",
  "Could you have a look at this?",
  "Done, see the last paragraph.",
  "What about the old ones?",
];

export type DemoWatch = {
  workspaceId: string;
  taskId: string;
  userId: string;
  level: "WATCHING" | "PARTICIPATING" | "MUTED";
  since: Date;
};

/** The people who may read a task, as the seeded memberships have it. */
function readersOf(task: DemoTask): number[] {
  const project = demoProjects.find(({ number }) => number === task.project)!;
  const workspace = demoWorkspaces.find(({ number }) => number === project.workspace)!;
  return workspace.members
    .filter(({ person, role }) =>
      mayReadTask({ role, visibility: project.visibility, inProject: project.members.includes(person) }),
    )
    .map(({ person }) => person);
}

const workspaceOf = (task: DemoTask): string =>
  demoWorkspaceId(demoProjects.find(({ number }) => number === task.project)!.workspace);

/** 1,500 watches, spread over tasks and their readers. */
export function demoWatches(): DemoWatch[] {
  const watches = new Map<string, DemoWatch>();
  for (let turn = 0; watches.size < watchCount; turn++) {
    const task = demoTasks[turn % demoTasks.length]!;
    const readers = readersOf(task);
    const round = Math.floor(turn / demoTasks.length);
    const userId = demoUserId(readers[(turn * 7 + round) % readers.length]!);
    const level = turn % 23 === 0 ? ("MUTED" as const) : turn % 3 === 0 ? ("PARTICIPATING" as const) : ("WATCHING" as const);
    const watch = {
      workspaceId: workspaceOf(task),
      taskId: demoTaskId(task.number),
      userId,
      level,
      since: new Date(firstMs + turn * 1_000),
    };
    const key = `${watch.taskId} ${userId}`;
    if (!watches.has(key)) watches.set(key, watch);
  }
  return [...watches.values()];
}

/** 1,000 notifications, the oldest first; 120 of them unread. Revisions count the changes of each inbox. */
export function demoNotifications(): Notification[] {
  const revisions = new Map<string, number>();
  return Array.from({ length: notificationCount }, (_, index) => {
    const row = index < demoPeople.length ? welcome(index) : aboutTask(index);
    const revision = (revisions.get(row.userId) ?? 0) + 1;
    revisions.set(row.userId, revision);
    return { ...row, revision };
  });
}

function timing(index: number) {
  const at = new Date(firstMs + index * stepMs);
  const unread = index >= notificationCount - unreadCount;
  const seenAt = unread && index % 3 !== 0 ? null : new Date(at.getTime() + 600_000);
  const readAt = unread ? null : seenAt;
  return { createdAt: at, latestAt: at, seenAt, readAt, archivedAt: readAt !== null && index % 5 === 0 ? readAt : null };
}

const idOf = (index: number, at: Date): string => derivedId("notification", idAtTime("event", at), String(index));

function welcome(index: number): Omit<Notification, "revision"> {
  const times = timing(index);
  const about = { workspaceId: null, taskId: null, commentId: null, actorId: null, excerpt: null };
  const userId = demoUserId(index + 1);
  return {
    ...about,
    ...times,
    userId,
    id: idOf(index, times.createdAt),
    kind: "WELCOME",
    title: "Welcome to Tributary",
    count: 1,
  };
}

function aboutTask(index: number): Omit<Notification, "revision"> {
  const kind = kinds[index % kinds.length]!;
  const comment = ((index * 11) % demoCommentCount) + 1;
  // Unread ones lie on tasks of their own, as events of one kind on one task would have been folded into one.
  const unread = index >= notificationCount - unreadCount;
  const onComment = kind !== "TASK_ASSIGNED" && !unread;
  const task = (onComment ? demoTasks[demoTaskOfComment(comment) - 1] : demoTasks[index % demoTasks.length])!;
  const readers = readersOf(task);
  const userId = demoUserId(readers[(index * index) % readers.length]!);
  const actorId = demoUserId(readers[(index * index + 1) % readers.length]!);
  const times = timing(index);
  return {
    ...times,
    userId,
    id: idOf(index, times.createdAt),
    kind,
    workspaceId: workspaceOf(task),
    taskId: demoTaskId(task.number),
    commentId: onComment ? demoCommentId(comment) : null,
    actorId,
    title: `${task.identifier} ${task.title}`,
    excerpt: kind === "TASK_ASSIGNED" ? null : excerpts[index % excerpts.length]!,
    count: kind === "COMMENT_ADDED" && index % 7 === 0 ? 3 : 1,
  };
}
