import type { DatabaseSession } from "@tributary/platform/postgres";
import DataLoader from "dataloader";
import type { Delivery } from "../domain/delivery.ts";
import type { InboxHead, InboxPage, InboxPlace, InboxQuery } from "../domain/inbox.ts";
import type { InboxCounts, Notification } from "../domain/notification.ts";
import type { PublicProfile, TaskKey, Watcher, WatcherPlace, WatchLevel } from "../domain/watch.ts";
import { accessRepository, type TaskRow } from "../repositories/access-repository.ts";
import { deliveryRepository } from "../repositories/delivery-repository.ts";
import { inboxReads } from "../repositories/inbox-reads.ts";
import { userProfileRepository } from "../repositories/user-profile-repository.ts";
import { watchRepository } from "../repositories/watch-repository.ts";

const maxBatchSize = 500; // each key is a parameter or two; Postgres allows 65,535 of them
const maxPages = 20; // differently paged watcher lists in one request; more are the work of an attacker

export type WatcherPageArgs = { readonly limit: number; readonly after: WatcherPlace | null };

/** Everything a request reads by key: one statement for each kind of key, whatever their number. All is scoped to the viewer. */
export function createNotificationLoaders({ session, viewerId }: { session: DatabaseSession; viewerId: string }) {
  const taskKey = ({ workspaceId, taskId }: TaskKey): string => `${workspaceId} ${taskId}`;
  const watcherPages = new Map<string, DataLoader<TaskKey, readonly Watcher[], string>>();

  const createWatcherPage = ({ limit, after }: WatcherPageArgs) =>
    new DataLoader<TaskKey, readonly Watcher[], string>(
      async (keys) => {
        const rows = await session.read((db) => watchRepository.findWatchers(db, { keys, after, limit }));
        const byTask = Map.groupBy(rows, ({ taskId }) => taskId);
        return keys.map(({ taskId }) => byTask.get(taskId) ?? []);
      },
      { maxBatchSize, cacheKeyFn: taskKey },
    );

  return {
    /** A page of the viewer's own inbox. */
    inboxPage: (page: { query: InboxQuery; after: InboxPlace | null; limit: number }): Promise<InboxPage> =>
      session.read((db) => inboxReads.findPage(db, { userId: viewerId, ...page })),

    /** Where the viewer's own inbox and its feed stand. */
    inboxHead: (): Promise<InboxHead> => session.read((db) => inboxReads.findHead(db, viewerId)),

    /** The viewer's own notification; null for anybody else's. */
    notificationById: new DataLoader<string, Notification | null>(
      async (ids) => {
        const rows = await session.read((db) => inboxReads.findByIds(db, viewerId, ids));
        const byId = new Map(rows.map((row) => [row.id, row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { maxBatchSize },
    ),

    /** The viewer's own counts; the key is the viewer's id. */
    inboxCounts: new DataLoader<string, InboxCounts>(async (keys) => {
      const counts = await session.read((db) => inboxReads.findCounts(db, viewerId));
      return keys.map(() => counts);
    }),

    deliveriesByNotification: new DataLoader<string, readonly Delivery[]>(
      async (ids) => {
        const rows = await session.read((db) => deliveryRepository.findByNotifications(db, viewerId, ids));
        const byNotification = Map.groupBy(rows, ({ notificationId }) => notificationId);
        return ids.map((id) => byNotification.get(id) ?? []);
      },
      { maxBatchSize },
    ),

    profileById: new DataLoader<string, PublicProfile | null>(
      async (ids) => {
        const rows = await session.read((db) => userProfileRepository.findPublic(db, ids));
        const byId = new Map(rows.map((row) => [row.userId, row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { maxBatchSize },
    ),

    /** A task as we know it; null where the viewer may not read it. */
    readableTask: new DataLoader<string, TaskRow | null>(
      async (ids) => {
        const readable = await session.read((db) => accessRepository.findReadableTasks(db, ids, viewerId));
        return ids.map((id) => readable.get(id) ?? null);
      },
      { maxBatchSize },
    ),

    watchLevel: new DataLoader<TaskKey, WatchLevel | null, string>(
      async (keys) => {
        const rows = await session.read((db) => watchRepository.findLevels(db, viewerId, keys));
        const byTask = new Map(rows.map((row) => [taskKey(row), row.level]));
        return keys.map((key) => byTask.get(taskKey(key)) ?? null);
      },
      { maxBatchSize, cacheKeyFn: taskKey },
    ),

    /** One loader for each page asked for: tasks with the same arguments share a statement. */
    watchers(args: WatcherPageArgs): DataLoader<TaskKey, readonly Watcher[], string> {
      const key = JSON.stringify(args);
      const known = watcherPages.get(key);
      if (known) return known;
      const created = createWatcherPage(args);
      if (watcherPages.size < maxPages) watcherPages.set(key, created);
      return created;
    },
  };
}

export type NotificationLoaders = ReturnType<typeof createNotificationLoaders>;
