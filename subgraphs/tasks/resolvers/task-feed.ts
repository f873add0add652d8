import { workspaceStream } from "@tributary/contracts/cursors";
import { AppError } from "@tributary/platform/errors";
import type { FeedEvent } from "@tributary/platform/feeds";
import { atConsistency } from "@tributary/platform/subgraph-server";
import { isShown, kindOf, type ShownEvent } from "../domain/feed-events.ts";
import { followRights, seeTheSame } from "../domain/feed-rights.ts";
import type { TaskEventKind } from "../domain/task.ts";
import type { EventRead } from "../loaders/event-reads.ts";
import type { FeedReader, FeedStart } from "../loaders/feed-rights.ts";
import { requireUserId, type TasksContext } from "./tasks-context.ts";

export type TaskEventFrame = {
  readonly __typename: "TaskEvent";
  readonly cursor: string;
  readonly kind: TaskEventKind;
  readonly event: ShownEvent;
  readonly read: EventRead;
};
type CheckpointFrame = { readonly __typename: "FeedCheckpoint"; readonly cursor: string; readonly caughtUp: boolean };
type ResetFrame = {
  readonly __typename: "FeedReset";
  readonly cursor: string;
  readonly reason: "CURSOR_EXPIRED" | "ACCESS_CHANGED" | "SLOW_CONSUMER";
};
export type TaskFeedFrame = TaskEventFrame | CheckpointFrame | ResetFrame;

const checkpointMs = 15_000; // house rules: the cursor moves on also while a filter hides everything

export type TaskFeedOptions = {
  readonly workspaceId: string;
  readonly after: string | null;
  readonly isWanted: (event: ShownEvent) => boolean;
  /** A feed about this project alone ends when it is lost, though others stay. */
  readonly projectId?: string;
};

/**
 * The feed of a workspace for one reader, from a cursor on. The reader's rights are read when it opens and again when an event
 * of the stream says that they may have changed; every other event is judged by what is in memory.
 * @throws AppError NOT_FOUND where the workspace may not be seen, BAD_USER_INPUT for a cursor of another feed
 */
export async function openTaskFeed(context: TasksContext, options: TaskFeedOptions): Promise<AsyncGenerator<TaskFeedFrame>> {
  const { workspaceId, after, projectId } = options;
  const userId = requireUserId(context);
  const stream = workspaceStream(workspaceId);
  const position = after === null ? null : context.parts.feedCursors.decode(after);
  if (after !== null && position?.stream !== stream) throw new AppError("BAD_USER_INPUT", "INVALID cursor");
  const found = await findStart(context, { workspaceId, userId }, position?.seq ?? 0);
  if (!found || (projectId !== undefined && !found.rights.projects.has(projectId))) throw notFound();
  // Every later change of these rights has a higher number than `head`, and so comes along the stream.
  const afterSeq = position?.seq ?? found.head;
  return frames(context, options, { stream, afterSeq, ...found });
}

async function findStart(
  { parts, access, consistency }: TasksContext,
  reader: FeedReader,
  seq: number,
): Promise<FeedStart | null> {
  const find = () => parts.feedRights.at(reader, consistency);
  // Through the request's access where there is nothing: it asks users, as the projection may be behind.
  const found = (await find()) ?? ((await access.to(reader.workspaceId)) ? await find() : null);
  // The server asked is behind the cursor: a change of rights in between would never be seen.
  return found && found.head < seq ? parts.feedRights.now(reader) : found;
}

const notFound = () => new AppError("NOT_FOUND", "There is nothing to follow here");

type Start = FeedStart & { readonly stream: string; readonly afterSeq: number };

async function* frames(
  { parts, signal }: TasksContext,
  { workspaceId, isWanted }: TaskFeedOptions,
  { stream, afterSeq, rights, head }: Start,
): AsyncGenerator<TaskFeedFrame> {
  const cursorAt = (seq: number) => parts.feedCursors.encode({ stream, seq });
  let caughtUp = false;
  let shownAt = performance.now();
  for await (const item of parts.feedHub.open({ stream, afterSeq, signal })) {
    const cursor = cursorAt(item.seq);
    if (item.kind === "reset") {
      yield { __typename: "FeedReset", cursor, reason: item.reason };
      return;
    }
    if (item.kind === "checkpoint") {
      caughtUp ||= item.caughtUp;
      shownAt = performance.now();
      yield { __typename: "FeedCheckpoint", cursor, caughtUp: item.caughtUp };
      continue;
    }
    if (followRights(rights, item.event, { isLater: item.seq > head }) === "check" && !(await areUnchanged(item, caughtUp))) {
      yield { __typename: "FeedReset", cursor, reason: "ACCESS_CHANGED" };
      return;
    }
    if (isShown(item.event) && rights.projects.has(item.event.data.projectId) && isWanted(item.event)) {
      shownAt = performance.now();
      yield eventFrame(item, item.event, cursor);
    } else if (performance.now() - shownAt >= checkpointMs) {
      shownAt = performance.now();
      yield { __typename: "FeedCheckpoint", cursor, caughtUp };
    }
  }

  /** Of a change before this subscription it is not known what the client saw then: only a fresh start is safe. */
  async function areUnchanged({ consistency }: FeedEvent, isLive: boolean): Promise<boolean> {
    if (!isLive) return false;
    const now = await parts.feedRights.at({ workspaceId, userId: rights.userId }, consistency);
    return now !== null && seeTheSame(now.rights, rights);
  }

  function eventFrame(item: FeedEvent, event: ShownEvent, cursor: string): TaskEventFrame {
    const frame = { __typename: "TaskEvent", cursor, kind: kindOf(event), event, read: parts.eventReads.of(item) } as const;
    return atConsistency(frame, item.consistency);
  }
}
