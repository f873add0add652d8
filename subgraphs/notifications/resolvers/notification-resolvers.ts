import type { ResolverMap } from "@tributary/platform/subgraph-server";
import type { Delivery } from "../domain/delivery.ts";
import { categoryOfKind, type Notification } from "../domain/notification.ts";
import type { PublicProfile } from "../domain/watch.ts";
import { holdsScope, type NotificationsContext } from "./context.ts";

/** The form in which we may show a user: id, name and picture. */
export const toUser = ({ userId, displayName, avatarUrl }: PublicProfile) => ({ id: userId, displayName, avatarUrl });

const reference = (id: string | null) => (id === null ? null : { id });

export const notificationResolvers: ResolverMap<NotificationsContext> = {
  Notification: {
    __resolveReference: ({ id }: { id: string }, context: NotificationsContext) =>
      holdsScope(context, "inbox:read") ? context.loaders.notificationById.load(id) : null,
    category: ({ kind }: Notification) => categoryOfKind[kind],
    workspace: ({ workspaceId }: Notification) => reference(workspaceId),
    task: ({ taskId }: Notification) => reference(taskId),
    comment: ({ commentId }: Notification) => reference(commentId),
    async actor({ actorId }: Notification, _: unknown, { loaders }: NotificationsContext) {
      const profile = actorId === null ? null : await loaders.profileById.load(actorId);
      return profile && toUser(profile);
    },
    deliveries: ({ id }: Notification, _: unknown, { loaders }: NotificationsContext) =>
      loaders.deliveriesByNotification.load(id),
  },
  Delivery: {
    reason: ({ reason, possibleDuplicate }: Delivery) => reason ?? (possibleDuplicate ? "POSSIBLE_DUPLICATE" : null),
  },
  User: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
  UserError: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  Node: { __resolveType: () => "Notification" },
};
