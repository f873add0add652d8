import { userStream } from "@tributary/contracts/cursors";
import type { FeedItem } from "@tributary/platform/feeds";
import { atConsistency, type ResolverMap } from "@tributary/platform/subgraph-server";
import { invalidCursor } from "../errors.ts";
import { type NotificationsContext, viewerOf } from "./context.ts";

type InboxEvent = { __typename: "InboxEvent"; cursor: string; notificationId: string; added: boolean };
type Frame =
  | InboxEvent
  | { __typename: "FeedCheckpoint"; cursor: string; caughtUp: boolean }
  | { __typename: "FeedReset"; cursor: string; reason: string };

async function* followInbox(
  { after }: { after?: string | null },
  context: NotificationsContext,
): AsyncGenerator<{ inboxFeed: Frame }> {
  const { loaders, feeds, cursors, request } = context;
  const userId = viewerOf(context);
  const start = after ? cursors.decode(userId, after) : await loaders.inboxHead();
  if (!start) throw invalidCursor();
  let { revision } = start;
  const cursorAt = (seq: number) => cursors.encode(userId, { seq, revision });
  for await (const item of feeds.open({ stream: userStream(userId), afterSeq: start.seq, signal: request.signal })) {
    if (item.kind === "checkpoint") {
      yield { inboxFeed: { __typename: "FeedCheckpoint", cursor: cursorAt(item.seq), caughtUp: item.caughtUp } };
    } else if (item.kind === "reset") {
      yield { inboxFeed: { __typename: "FeedReset", cursor: cursorAt(item.seq), reason: item.reason } };
    } else {
      const ids = changedIds(item);
      const earlier = cursorAt(item.seq - 1);
      revision = Math.max(revision, item.event.aggregate.version);
      for (const [index, notificationId] of ids.entries()) {
        // Only the last frame of an event moves past it: who resumes in between gets the whole event again, not half of it.
        const cursor = index === ids.length - 1 ? cursorAt(item.seq) : earlier;
        const added = item.event.type === "notification.added";
        yield atConsistency(
          { inboxFeed: { __typename: "InboxEvent" as const, cursor, notificationId, added } },
          item.consistency,
        );
      }
    }
  }
}

function changedIds({ event }: Extract<FeedItem, { kind: "event" }>): readonly string[] {
  if (event.type === "notification.added") return [event.data.notificationId];
  return event.type === "notification.changed" ? event.data.notificationIds : [];
}

export const inboxFeedResolvers: ResolverMap<NotificationsContext> = {
  Subscription: {
    inboxFeed: {
      subscribe: (_: unknown, args: { after?: string | null }, context: NotificationsContext) => followInbox(args, context),
    },
  },
  InboxFeedFrame: { __resolveType: ({ __typename }: Frame) => __typename },
  InboxEvent: {
    async kind({ notificationId, added }: InboxEvent, _: unknown, { loaders }: NotificationsContext) {
      if (!(await loaders.notificationById.load(notificationId))) return "REMOVED";
      return added ? "ADDED" : "CHANGED";
    },
    notification: ({ notificationId }: InboxEvent, _: unknown, { loaders }: NotificationsContext) =>
      loaders.notificationById.load(notificationId),
    counts: (_: InboxEvent, __: unknown, context: NotificationsContext) => context.loaders.inboxCounts.load(viewerOf(context)),
  },
};
