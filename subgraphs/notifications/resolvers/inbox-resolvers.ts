import type { ResolverMap } from "@tributary/platform/subgraph-server";
import type { InboxQuery, InboxState } from "../domain/inbox.ts";
import { kindsOfCategories, type Notification, type NotificationCategory } from "../domain/notification.ts";
import { holdsScope, type NotificationsContext, viewerOf } from "./context.ts";

type InboxArgs = {
  filter?: {
    state: InboxState;
    workspaceId?: string | null;
    categories?: readonly NotificationCategory[] | null;
    taskId?: string | null;
  } | null;
  first?: number | null;
  after?: string | null;
};

const toQuery = (filter: InboxArgs["filter"]): InboxQuery => ({
  state: filter?.state ?? "UNREAD",
  workspaceId: filter?.workspaceId ?? null,
  taskId: filter?.taskId ?? null,
  kinds: filter?.categories ? kindsOfCategories(filter.categories) : null,
});

async function readInbox({ filter, first, after }: InboxArgs, context: NotificationsContext) {
  const { loaders, pages, cursors } = context;
  const userId = viewerOf(context);
  const query = toQuery(filter);
  const page = pages.openInbox<Notification>({ query, first, after });
  const { rows, counts, head } = await loaders.inboxPage({ query, after: page.after, limit: page.limit });
  return { ...page.toConnection(rows), counts, feedCursor: cursors.encode(userId, head) };
}

export const inboxResolvers: ResolverMap<NotificationsContext> = {
  Query: { inbox: (_: unknown, args: InboxArgs, context: NotificationsContext) => readInbox(args, context) },
  Viewer: {
    // Another person's id is nobody's inbox: the viewer is who asks.
    __resolveReference: ({ id }: { id: string }, { request }: NotificationsContext) =>
      id === request.identity?.userId ? { id } : null,
    inboxCounts: (_: unknown, __: unknown, context: NotificationsContext) =>
      holdsScope(context, "inbox:read") ? context.loaders.inboxCounts.load(viewerOf(context)) : null,
  },
};
