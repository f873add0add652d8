import { randomBytes } from "node:crypto";
import {
  type ConsistencyToken,
  consistencyHeader,
  emptyConsistency,
  formatConsistency,
  mergeConsistency,
  parseConsistency,
} from "@tributary/contracts/consistency";
import type { EventEnvelope } from "@tributary/contracts/events";
import { encodeIdentity, type Identity } from "@tributary/contracts/identity";
import { allScopes } from "@tributary/contracts/scopes";
import { startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createQueues } from "@tributary/platform/queues";
import { signRequest } from "@tributary/platform/request-signature";
import { subscriptionBody } from "@tributary/platform/subgraph-server";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import pg from "pg";
import type { NotificationsConfig } from "../config.ts";
import { migrateNotifications } from "../migrate.ts";
import { createNotificationsService, startNotificationsWorker } from "../service.ts";
import { createFakeUsers } from "./fake-users.ts";
import { startMailSink } from "./mail-sink.ts";
import { waitFor } from "./wait-for.ts";

type Answer = {
  data: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
  extensions?: { consistency?: string };
};

/** A process's parts: what `main.ts` and `worker.ts` make, with a way to end them. */
function createProcess() {
  const logger = createLogger({ service: "notifications-test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 10_000, logger });
  return { logger, lifecycle, metrics: createMetrics({ service: "test" }), readiness: createReadiness() };
}

/**
 * The notifications subgraph over real Postgres, Redis and SMTP, with users answered by a fake. `worker()` starts a worker;
 * `ask` speaks to the API as a user, signed as the gateway would.
 */
export async function startNotifications() {
  const stack = await startDataStack();
  const sink = await startMailSink();
  const urls = stack.databaseUrls("notifications");
  const secret = randomBytes(32).toString("hex");
  const config: NotificationsConfig = {
    production: true,
    logLevel: "silent",
    http: { host: "127.0.0.1", port: 0, adminPort: 0 },
    stopDeadlineMs: 10_000,
    database: { ...urls, transactionPoolSize: 10, readPoolSize: 5 },
    redisUrl: stack.redisUrl,
    subgraphSecret: secret,
    cursorSecret: randomBytes(32).toString("hex"),
    usersUrl: undefined,
    mail: { smtpUrl: sink.url, from: "Tributary <no-reply@tributary.example>" },
    publicUrl: "https://app.example/",
  };
  const fake = createFakeUsers(secret);
  const api = createProcess();
  await migrateNotifications({ ownerUrl: urls.ownerUrl, logger: api.logger });
  const { server } = await createNotificationsService({ config, ...api });
  const producer = createProcess();
  const queues = createQueues({ redisUrl: stack.redisUrl, ...producer });
  let jobCount = 0;
  const sent: string[] = [];
  const seen = new Map<string, ConsistencyToken>();
  const owner = new pg.Pool({ connectionString: urls.ownerUrl, max: 2 });
  owner.on("error", () => undefined); // its connections may still be closing when the server goes
  const processes = [api, producer];

  const headersFor = (identity: Identity | null, method: string, body: string) =>
    signRequest({ secret, method, path: "/graphql", body, identity: encodeIdentity(identity), nowMs: Date.now() });
  const identityOf = (userId: string, scopes: readonly string[] = allScopes): Identity => ({
    userId,
    sessionId: "ses_test",
    scopes,
  });

  return {
    stack,
    sink,
    config,
    fake,
    server,
    /** Rows as the owner of the database sees them: without row-level security. */
    rows: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> =>
      (await owner.query<Row>(sql, values)).rows,
    async worker() {
      const parts = createProcess();
      processes.push(parts);
      await startNotificationsWorker({ config, users: fake.target, ...parts });
      return { stop: () => parts.lifecycle.stop("test"), metrics: parts.metrics };
    },
    /** Hands events to the consumer's queue. A repeated event is worked on again: each time it is a job of its own. */
    async send(...events: EventEnvelope[]): Promise<void> {
      const jobs = events.map((event) => ({ id: `${event.id}-${++jobCount}`, data: event }));
      await queues.queue("notifications-events").add(jobs);
      sent.push(...jobs.map(({ id }) => id));
    },
    /** Resolves when all that was handed over has been worked off. */
    workedOff: () =>
      waitFor("the queue to be worked off", async () =>
        (await queues.queue("notifications-events").states(sent)).every((state) => state === "done"),
      ),
    /** One request of a user. What the user has seen goes along, as the gateway carries it: later answers are no older. */
    async ask(
      userId: string,
      query: string,
      variables: Record<string, unknown> = {},
      { scopes }: { scopes?: readonly string[] } = {},
    ): Promise<Answer> {
      const body = JSON.stringify({ query, variables });
      const headers = {
        ...headersFor(identityOf(userId, scopes), "POST", body),
        "content-type": "application/json",
        [consistencyHeader]: formatConsistency(seen.get(userId) ?? emptyConsistency),
      };
      const response = await server.handle({ method: "POST", path: "/graphql", headers, body });
      const answer = JSON.parse(response.body) as Answer;
      const positions = parseConsistency(answer.extensions?.consistency);
      seen.set(userId, mergeConsistency(seen.get(userId) ?? emptyConsistency, positions));
      return answer;
    },
    follow(userId: string, query: string, variables: Record<string, unknown>, signal: AbortSignal) {
      const payload = { query, variables };
      const headers = headersFor(identityOf(userId), "SUBSCRIBE", subscriptionBody(payload));
      return server.subscribe({ headers, payload, signal });
    },
    async stop(): Promise<void> {
      for (const { lifecycle } of processes.reverse()) await lifecycle.stop("test ends");
      await owner.end();
      await sink.stop();
      await stack.stop();
    },
    statements: async (): Promise<number> => {
      const metric = await api.metrics.registry.getSingleMetric("db_statements_total")?.get();
      return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
  };
}

export type TestNotifications = Awaited<ReturnType<typeof startNotifications>>;
