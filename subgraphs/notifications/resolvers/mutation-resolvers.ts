import { asPayload, inputFault, limitFault, UserFault } from "@tributary/platform/errors";
import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { markNotifications } from "../commands/mark-notifications.ts";
import { setTaskWatch } from "../commands/set-task-watch.ts";
import type { MarkSelection, NotificationMark } from "../domain/inbox.ts";
import type { WatchLevel } from "../domain/watch.ts";
import { type NotificationsContext, viewerOf } from "./context.ts";

const maxIds = 100; // reference: house rules, bulk limit

type Selector = { ids?: readonly string[] | null; taskId?: string | null; allUpTo?: string | null };
type MarkInput = { select: Selector; mark: NotificationMark };
type WatchInput = { taskId: string; level?: WatchLevel | null };

function toSelection(
  { ids, taskId, allUpTo }: Selector,
  userId: string,
  { cursors, pages }: NotificationsContext,
): MarkSelection {
  if (ids) {
    if (ids.length > maxIds) throw limitFault(maxIds, `At most ${maxIds} ids.`, { path: ["input", "select", "ids"] });
    return { ids };
  }
  if (taskId) return { taskId };
  const head = allUpTo ? cursors.decode(userId, allUpTo) : null;
  if (head) return { upToRevision: head.revision };
  const place = allUpTo ? pages.placeOf(allUpTo) : null;
  if (place) return { upToPlace: place };
  throw inputFault("INVALID", "The cursor is not valid here.", ["input", "select", "allUpTo"]);
}

export const mutationResolvers: ResolverMap<NotificationsContext> = {
  Mutation: {
    async markNotifications(_: unknown, { input }: { input: MarkInput }, context: NotificationsContext) {
      const userId = viewerOf(context);
      try {
        const selection = toSelection(input.select, userId, context);
        return { ...(await markNotifications(context.session, { userId, selection, mark: input.mark })), errors: [] };
      } catch (error) {
        if (error instanceof UserFault) return { changed: 0, counts: null, errors: [error.toUserError()] };
        throw error;
      }
    },
    async setTaskWatch(_: unknown, { input }: { input: WatchInput }, context: NotificationsContext) {
      const { taskId, level = null } = input;
      const { signal } = context.request;
      const command = () => setTaskWatch(context.session, { userId: viewerOf(context), taskId, level, signal });
      const { watch, errors } = await asPayload("watch", command);
      return { task: watch && { id: taskId, workspaceId: watch.workspaceId }, level: watch?.level ?? null, errors };
    },
  },
};
