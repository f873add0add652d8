import { createFeedCursorCodec, createSignedTextCodec } from "@tributary/contracts/cursors";
import { createFeedHub } from "@tributary/platform/feeds";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { startRelay } from "@tributary/platform/outbox";
import { createPageCursor } from "@tributary/platform/paging";
import { openDatabase } from "@tributary/platform/postgres";
import { createQueues } from "@tributary/platform/queues";
import { createSubgraphClient, type SubgraphClientTarget } from "@tributary/platform/subgraph-client";
import { createSubgraphServer, loadSdl, type SubgraphServer } from "@tributary/platform/subgraph-server";
import type { Logger, Metrics, Readiness } from "@tributary/platform/telemetry";
import type { TasksConfig } from "./config.ts";
import { createEventReads } from "./loaders/event-reads.ts";
import { createFeedRightsSource } from "./loaders/feed-rights.ts";
import { createMembershipSource } from "./loaders/membership-source.ts";
import { resolvers } from "./resolvers/resolvers.ts";
import { createTasksContext } from "./resolvers/tasks-context.ts";
import { eventRoutes } from "./workers/event-routes.ts";
import { startHousekeeping } from "./workers/housekeeping.ts";
import { projectUsersEvent } from "./workers/project-users-event.ts";

type Process = {
  readonly config: TasksConfig;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** The users subgraph, where it is in the same process; else it is asked at its address. */
  readonly users?: SubgraphClientTarget;
};

/** The tasks subgraph: joins its parts. It does not listen yet. */
export async function createTasksService(options: Process): Promise<{ server: SubgraphServer }> {
  const { config, lifecycle, logger, metrics, readiness, users = { url: config.usersUrl } } = options;
  const database = openDatabase({ name: "tasks", config: config.database, logger, metrics, readiness, lifecycle });
  const codec = createSignedTextCodec(config.cursorSecret);
  const client = createSubgraphClient({ target: users, secret: config.subgraphSecret, logger });
  const createContext = createTasksContext({
    database,
    feedHub: createFeedHub({ database, redisUrl: config.redisUrl, logger, metrics, lifecycle }),
    eventReads: createEventReads(database),
    feedRights: createFeedRightsSource(database),
    memberships: createMembershipSource({ client, logger }),
    pageCursors: createPageCursor(codec),
    feedCursors: createFeedCursorCodec(codec),
  });
  const server = await createSubgraphServer({
    name: "tasks",
    sdl: loadSdl(new URL(".", import.meta.url)),
    resolvers,
    createContext,
    subgraphSecret: config.subgraphSecret,
    production: config.production,
    logger,
    metrics,
    readiness,
    lifecycle,
  });
  return { server };
}

/** The tasks worker: publishes events, takes those of users into the projection, and clears away what is over. */
export async function startTasksWorker({ config, lifecycle, logger, metrics, readiness }: Process): Promise<void> {
  const { redisUrl } = config;
  const database = openDatabase({ name: "tasks", config: config.database, logger, metrics, readiness, lifecycle });
  const queues = createQueues({ redisUrl, logger, metrics, lifecycle });
  startRelay({ database, redisUrl, queues, routes: eventRoutes, control: [], logger, metrics, lifecycle });
  startHousekeeping({ database, lifecycle, logger });
  queues.startWorker({
    queue: "tasks-events",
    concurrency: 8,
    handle: ({ data }) => projectUsersEvent(database, data),
    retry: { attempts: 8, firstDelayMs: 2_000 }, // doubling: about eight minutes, longer than a failover
  });
}
