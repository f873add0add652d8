import type { ResolverMap } from "@tributary/platform/subgraph-server";
import type { NotificationsContext } from "./context.ts";
import { inboxFeedResolvers } from "./inbox-feed-resolvers.ts";
import { inboxResolvers } from "./inbox-resolvers.ts";
import { mutationResolvers } from "./mutation-resolvers.ts";
import { notificationResolvers } from "./notification-resolvers.ts";
import { watchResolvers } from "./watch-resolvers.ts";

/** All resolvers; the files have no type in common. */
export const resolvers: ResolverMap<NotificationsContext> = {
  ...inboxResolvers,
  ...notificationResolvers,
  ...inboxFeedResolvers,
  ...watchResolvers,
  ...mutationResolvers,
};
