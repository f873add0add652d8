import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { createFeedHub } from "@tributary/platform/feeds";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { startRelay } from "@tributary/platform/outbox";
import { openDatabase } from "@tributary/platform/postgres";
import { createQueues } from "@tributary/platform/queues";
import { createSubgraphClient, type SubgraphClientTarget } from "@tributary/platform/subgraph-client";
import {
  createSubgraphServer,
  loadSdl,
  type SubgraphRequestContext,
  type SubgraphServer,
} from "@tributary/platform/subgraph-server";
import type { Logger, Metrics, Readiness } from "@tributary/platform/telemetry";
import type { NotificationsConfig } from "./config.ts";
import { createNotificationLoaders } from "./loaders/notification-loaders.ts";
import { createMailTransport } from "./mail/mail-transport.ts";
import type { NotificationsContext } from "./resolvers/context.ts";
import { createInboxCursors } from "./resolvers/inbox-cursors.ts";
import { createInboxPages } from "./resolvers/inbox-pages.ts";
import { resolvers } from "./resolvers/resolvers.ts";
import { enqueueAttempt, parseDeliveryJob } from "./workers/delivery-jobs.ts";
import { startDeliveryReconciler } from "./workers/delivery-reconciler.ts";
import { handleEvent } from "./workers/handle-event.ts";
import { sendDelivery } from "./workers/send-delivery.ts";
import { createUsersDirectory } from "./workers/users-directory.ts";

export type NotificationsOptions = {
  config: NotificationsConfig;
  lifecycle: Lifecycle;
  logger: Logger;
  metrics: Metrics;
  readiness: Readiness;
  /** The users subgraph; by default at `USERS_URL`. */
  users?: SubgraphClientTarget;
};

/** The API: inbox, watches, the live inbox feed. */
export async function createNotificationsService(options: NotificationsOptions): Promise<{ server: SubgraphServer }> {
  const { config, lifecycle, logger, metrics, readiness } = options;
  const database = openDatabase({ name: "notifications", config: config.database, logger, metrics, readiness, lifecycle });
  const feeds = createFeedHub({ database, redisUrl: config.redisUrl, logger, metrics, lifecycle });
  const codec = createSignedTextCodec(config.cursorSecret);
  const cursors = createInboxCursors(codec);
  const pages = createInboxPages(codec);
  const createContext = (request: SubgraphRequestContext): NotificationsContext => {
    const session = database.session(request.consistency);
    const viewerId = request.identity?.userId ?? ""; // an anonymous caller reaches no loader: all roots want a scope
    return { request, session, cursors, pages, feeds, loaders: createNotificationLoaders({ session, viewerId }) };
  };
  const server = await createSubgraphServer<NotificationsContext>({
    name: "notifications",
    sdl: loadSdl(new URL("./", import.meta.url)),
    resolvers,
    createContext,
    subgraphSecret: config.subgraphSecret,
    logger,
    metrics,
    readiness,
    lifecycle,
    production: config.production,
  });
  return { server };
}

/** The jobs: events of users and tasks, mails, the relay of our own events, the reconciler of deliveries. */
export async function startNotificationsWorker(options: NotificationsOptions): Promise<void> {
  const { config, lifecycle, logger, metrics, readiness } = options;
  const target = options.users ?? (config.usersUrl === undefined ? undefined : { url: config.usersUrl });
  if (!target) throw new TypeError("the notifications worker needs USERS_URL");
  const database = openDatabase({ name: "notifications", config: config.database, logger, metrics, readiness, lifecycle });
  const queues = createQueues({ redisUrl: config.redisUrl, logger, metrics, lifecycle });
  const users = createUsersDirectory(createSubgraphClient({ target, secret: config.subgraphSecret, logger }));
  const transport = createMailTransport({ ...config.mail, lifecycle });
  const mail = queues.queue("mail");
  const sending = {
    database,
    users,
    transport,
    invitationTokens: createInvitationTokenCodec(createSignedTextCodec(config.cursorSecret)),
    publicUrl: config.publicUrl,
    enqueue: ({ notBefore, fence, ...key }: Parameters<Parameters<typeof sendDelivery>[0]["enqueue"]>[0]) =>
      enqueueAttempt(mail, key, String(fence), notBefore.getTime() - Date.now() + 100), // never before the row says so
    logger,
    metrics,
  };

  startRelay({
    database,
    redisUrl: config.redisUrl,
    queues,
    routes: { "delivery.requested": ["mail"] },
    control: [],
    logger,
    metrics,
    lifecycle,
  });
  startDeliveryReconciler({ database, queue: mail, logger, metrics, lifecycle });
  queues.startWorker({
    queue: "notifications-events",
    concurrency: 6, // with those of mail: as many as the pool has connections
    retry: { attempts: 12, firstDelayMs: 250 }, // 17 min: longer than a failover, or than users being away
    handle: ({ data }) => handleEvent({ database, users }, data),
  });
  queues.startWorker({
    queue: "mail",
    concurrency: 4, // one for each SMTP connection
    retry: { attempts: 8, firstDelayMs: 2_000 }, // only for what keeps us from trying: failed sends are retried by their row
    async handle({ id, data }) {
      const key = parseDeliveryJob(data);
      if (key) await sendDelivery(sending, key);
      else logger.warn({ jobId: id }, "a job of the queue mail is none of ours");
    },
  });
}
