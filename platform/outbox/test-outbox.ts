import { newId } from "@tributary/contracts/ids";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import pg from "pg";
import { AppError } from "../errors/index.ts";
import { createLifecycle } from "../lifecycle/index.ts";
import { type Database, openDatabase } from "../postgres/index.ts";
import { createQueues } from "../queues/index.ts";
import { createRedis } from "../redis/index.ts";
import { createLogger, createMetrics, createReadiness } from "../telemetry/index.ts";
import { appendEvents, type EventDraft } from "./append-events.ts";
import { type RelayOptions, startRelay } from "./start-relay.ts";
import * as tables from "./tables.ts";

/** Resolves when `condition` holds. @throws after `limitMs` */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Tries again where nothing was committed: a machine that is busy with other tests may not accept a connection in time. */
async function whenAvailable<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "UNAVAILABLE" || attempt === 10) throw error;
    }
  }
}

async function createTables(ownerUrl: string): Promise<void> {
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(tables));
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  for (const statement of statements) {
    const partitioned = statement.includes('CREATE TABLE "feed_event"')
      ? statement.replace(/;\s*$/, " PARTITION BY RANGE (id);")
      : statement;
    await client.query(partitioned);
  }
  await client.query(`
    create table feed_event_default partition of feed_event default;
    create table item (id text primary key, version int not null);
    create table idempotency (key text primary key);
    grant select, insert, update, delete on all tables in schema public to tributary_app;
    grant usage on all sequences in schema public to tributary_app;
    grant select on all tables in schema public to tributary_reader`);
  await client.end();
}

const workspaceId = newId("workspace");

/** A small event of an item; `number` tells them apart. */
export const draft = (number: number, stream: string | null, aggregateId = "item"): EventDraft => ({
  type: "notification.added",
  workspaceId,
  aggregate: { type: "item", id: aggregateId, version: number },
  actor: { type: "system", id: "test" },
  data: { notificationId: String(number) },
  ...(stream !== null && { stream }),
});

/** Real servers with the outbox's tables in the database `tasks`, and makers of what a process opens. */
export async function startOutboxStack() {
  const stack: DataStack = await startDataStack();
  const urls = stack.databaseUrls("tasks");
  await createTables(urls.ownerUrl);
  const stops: (() => Promise<void>)[] = [];

  /** What one process of a service opens; `stop` ends it. */
  function openProcess() {
    const logger = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
    const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
    const metrics = createMetrics({ service: "test" });
    const redisUrl = stack.redisUrl;
    const shared = { logger, metrics, lifecycle, redisUrl };
    const config = { ...urls, transactionPoolSize: 8, readPoolSize: 4 };
    const database: Database = openDatabase({ name: "tasks", config, logger, metrics, readiness: createReadiness(), lifecycle });
    const queues = createQueues(shared);
    const stop = () => lifecycle.stop("test");
    stops.push(stop);
    return {
      ...shared,
      database,
      queues,
      stop,
      redis: () => createRedis({ url: redisUrl, kind: "worker", logger, lifecycle }),
      relay: (options: Partial<RelayOptions> = {}) =>
        startRelay({ ...shared, database, queues, routes: {}, control: [], ...options }),
      append: (...drafts: EventDraft[]) => whenAvailable(() => database.transaction({}, (tx) => appendEvents(tx, drafts))),
      metric: async (name: string): Promise<number> =>
        (await metrics.registry.getSingleMetric(name)?.get())?.values.reduce((sum, { value }) => sum + value, 0) ?? 0,
    };
  }

  /** A session of its own on the primary, for transactions that the test steers by hand. */
  async function openSession(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: urls.superuserUrl });
    client.on("error", () => undefined);
    await client.connect();
    stops.push(() => client.end().catch(() => undefined));
    return client;
  }

  async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await openSession();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends what was opened since the last call, so that a test that fails leaves nothing to the next. */
  async function stopProcesses(): Promise<void> {
    for (const one of stops.splice(0).reverse()) await one();
  }
  async function stop(): Promise<void> {
    await stopProcesses();
    await stack.stop();
  }
  return { stack, openProcess, openSession, query, stopProcesses, stop };
}
