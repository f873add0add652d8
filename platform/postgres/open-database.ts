import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Logger, Metrics, Readiness } from "@tributary/platform/telemetry";
import type { Database } from "./database.ts";
import type { DatabaseConfig } from "./database-config.ts";
import { createDatabaseSession } from "./database-session.ts";
import { startHealthMonitor } from "./health-monitor.ts";
import { createNotificationListener } from "./notification-listener.ts";
import { postgresTimeouts } from "./postgres-timeouts.ts";
import { createReadRouter } from "./read-router.ts";
import { createReadServer, type ReadServer, type ServerRole } from "./read-server.ts";
import { createTransactionRunner } from "./transaction-runner.ts";

type OpenDatabaseOptions = {
  /** The database's name in consistency tokens and metrics. */
  readonly name: string;
  readonly config: DatabaseConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly lifecycle: Lifecycle;
};

/**
 * Opens a database: joins the parts of this room. Nothing need be up: the process is ready once the primary was seen, and
 * stays ready while any server can answer reads.
 */
export function openDatabase({ name, config, logger, metrics, readiness, lifecycle }: OpenDatabaseOptions): Database {
  const statements = metrics.counter("db_statements_total", "Statements sent.", ["database", "target"]);
  const reads = metrics.counter("db_reads_total", "Reads answered, by the kind of server.", ["database", "target"]);
  const asked = metrics.counter("db_position_checks_total", "Questions for a WAL position.", ["database"]);
  const unknown = metrics.counter("db_unknown_outcomes_total", "COMMITs without an answer.", ["database"]);
  const inUse = metrics.gauge("db_pool_in_use", "Connections for transactions in use.", ["database"]);
  const waiting = metrics.gauge("db_pool_waiting", "Transactions waiting for a connection.", ["database"]);
  const pending = metrics.gauge("db_reads_pending", "Reads running or waiting.", ["database", "server"]);

  const openServer = (serverName: string, role: ServerRole, url: string) =>
    createReadServer({
      name: serverName,
      role,
      url,
      poolSize: config.readPoolSize,
      applicationName: `tributary ${name} reads`,
      logger: logger.child({ database: name }),
      onStatement: () => statements.inc({ database: name, target: role }),
      onPositionAsked: () => asked.inc({ database: name }),
    });
  const primary = openServer("primary", "primary", config.readPrimaryUrl);
  const replicas = config.replicaUrls.map((url, index) => openServer(`replica-${index + 1}`, "replica", url));

  const runner = createTransactionRunner({
    url: config.primaryUrl,
    poolSize: config.transactionPoolSize,
    applicationName: `tributary ${name} transactions`,
    logger,
    onStatement: () => statements.inc({ database: name, target: "transaction" }),
    onUnknownOutcome: () => unknown.inc({ database: name }),
  });

  let primaryWasSeen = false;
  const onChecked = () => {
    primaryWasSeen ||= primary.isHealthy();
    inUse.set({ database: name }, runner.pool.totalCount - runner.pool.idleCount);
    waiting.set({ database: name }, runner.pool.waitingCount);
    for (const server of [primary, ...replicas]) pending.set({ database: name, server: server.name }, server.pending());
  };
  const monitor = startHealthMonitor({ database: name, primary, replicas, metrics, onChecked });
  const { isTooFarBehind } = monitor;
  const router = createReadRouter({ primary, replicas, catchUpMs: postgresTimeouts.catchUpMs, isTooFarBehind });

  const listener = createNotificationListener({ url: config.primaryUrl, applicationName: `tributary ${name} listener`, logger });

  readiness.add(`database ${name}`, () => {
    primaryWasSeen ||= primary.isHealthy();
    if (!primaryWasSeen) throw new Error("the primary does not answer");
    if (![primary, ...replicas].some((server) => server.isHealthy())) throw new Error("no server answers");
  });
  lifecycle.onStop(`database ${name}`, async () => {
    monitor.stop();
    await Promise.all([listener.close(), runner.close(), ...[primary, ...replicas].map((server) => server.close())]);
  });

  const onRead = (server: ReadServer) => reads.inc({ database: name, target: server.role });
  return {
    name,
    primaryUrl: config.primaryUrl,
    session: (consistency) => createDatabaseSession({ name, router, runner, consistency, onRead }),
    transaction: async (scope, work) => (await runner.run(scope, work)).result,
    listen: listener.listen,
  };
}
