import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { freePorts } from "../processes/free-ports.ts";
import type { ServerUser } from "../processes/server-user.ts";
import type { Supervisor } from "../processes/supervisor.ts";
import { clusterSettings } from "./cluster-settings.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { createPostgresServer } from "./postgres-server.ts";
import {
  archiveCluster,
  copyCluster,
  createDatabaseSql,
  databaseNames,
  replicaSlot,
  templateCluster,
} from "./template-cluster.ts";

export interface RolePasswords {
  readonly owner: string;
  readonly app: string;
  readonly reader: string;
  /** Of the superuser `postgres`; services never get it, fault tests do. */
  readonly superuser: string;
}

export interface PostgresPairOptions {
  readonly folder: string;
  readonly socketFolder: string;
  readonly cacheFolder: string;
  /** Make new clusters from this archive instead of empty databases. */
  readonly preparedArchive?: string | undefined;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | null;
  readonly supervisor: Supervisor;
  readonly passwords: RolePasswords;
  readonly fsync: boolean;
}

export type ServerRole = "primary" | "replica";

export interface PostgresPair {
  port(role: ServerRole): number;
  kill(role: ServerRole): Promise<void>;
  /** Starts a server again, on the same port and data. */
  start(role: ServerRole): Promise<void>;
  /** Whether this start made the clusters. */
  readonly isNew: boolean;
  /** Writes the primary's data as an archive that new pairs can be made from. The primary is down meanwhile. */
  archive(file: string): Promise<void>;
  /** Runs SQL as superuser over the private socket; one connection per call. */
  query<Row>(role: ServerRole, sql: string): Promise<Row[]>;
  stop(): Promise<void>;
}

const replicaTimeoutMs = 10_000;

/** Starts a primary and its streaming standby; makes both clusters in `folder` if they are not there yet. */
export async function startPostgresPair(options: PostgresPairOptions): Promise<PostgresPair> {
  const { folder, user, supervisor, binaries, socketFolder } = options;
  const dataFolders = { primary: join(folder, "primary"), replica: join(folder, "replica") };
  const server = (role: ServerRole) =>
    createPostgresServer({
      name: `postgres-${role}`,
      program: binaries.postgres,
      dataFolder: dataFolders[role],
      logFile: join(folder, `${role}.log`),
      user,
      supervisor,
    });
  const servers = { primary: server("primary"), replica: server("replica") };
  let ports = await choosePorts();

  const start = async (role: ServerRole) => {
    const settings = { port: ports[role], primaryPort: ports.primary, socketFolder, slot: replicaSlot };
    await servers[role].start(clusterSettings({ ...settings, fsync: options.fsync }));
  };
  const query = <Row>(role: ServerRole, sql: string) => queryOnce<Row>(socketFolder, ports[role], sql);
  /** Starts a server, on another port where some program was quicker to take the chosen one. */
  const startOnFreePort = async (role: ServerRole) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start(role);
      } catch (error) {
        if (attempt === 5 || !/could not bind/i.test(String(error))) throw error;
        ports = { ...ports, [role]: (await choosePorts())[role] };
      }
    }
  };
  const startReplica = async () => {
    await startOnFreePort("replica");
    await waitForReplay(query);
  };
  const copyToReplica = (from: string) => copyCluster(from, dataFolders.replica, { user, standby: true });

  const first = !existsSync(dataFolders.primary);
  if (first) {
    const template = options.preparedArchive ?? (await templateCluster(binaries, options.cacheFolder, user));
    await Promise.all([copyCluster(template, dataFolders.primary, { user, standby: false }), copyToReplica(template)]);
  }
  refuseOtherVersion(dataFolders.primary, binaries.version);

  await startOnFreePort("primary");
  await query("primary", setPasswords(options.passwords));
  if (!first) await createMissingDatabases(query);
  try {
    if (!existsSync(dataFolders.replica)) throw new Error("The replica's data is missing.");
    await startReplica();
  } catch {
    // Lost, or too far behind for the WAL that is kept: copy the stopped primary, as at the beginning.
    await servers.replica.stop();
    await servers.primary.stop();
    await copyToReplica(dataFolders.primary);
    await start("primary");
    await startReplica();
  }

  return {
    port: (role) => ports[role],
    kill: (role) => servers[role].kill(),
    start,
    query,
    isNew: first,
    async archive(file) {
      await servers.primary.stop();
      await archiveCluster(dataFolders.primary, file);
      await start("primary");
    },
    async stop() {
      await servers.primary.stop(); // first, so that its last WAL still reaches the replica
      await servers.replica.stop();
    },
  };
}

async function choosePorts(): Promise<{ primary: number; replica: number }> {
  const [primary = 0, replica = 0] = await freePorts(2);
  return { primary, replica };
}

function setPasswords({ owner, app, reader, superuser }: RolePasswords): string {
  return Object.entries({ tributary_owner: owner, tributary_app: app, tributary_reader: reader, postgres: superuser })
    .map(([role, password]) => `ALTER ROLE ${role} PASSWORD '${password.replaceAll("'", "''")}'`)
    .join(";");
}

/** Data may be older than one of the databases. */
async function createMissingDatabases(query: PostgresPair["query"]): Promise<void> {
  const there = await query<{ datname: string }>("primary", "SELECT datname FROM pg_database");
  const missing = databaseNames.filter((name) => !there.some(({ datname }) => datname === name));
  for (const sql of missing.flatMap((name) => createDatabaseSql(name, { strategy: "wal_log" }))) await query("primary", sql);
}

/** Until the replica streams and has replayed what the primary had written at the call. */
async function waitForReplay(query: PostgresPair["query"]): Promise<void> {
  const [target] = await query<{ lsn: string }>("primary", "SELECT pg_current_wal_flush_lsn() AS lsn");
  const deadline = performance.now() + replicaTimeoutMs;
  for (;;) {
    const [state] = await query<{ caught_up: boolean | null }>(
      "replica",
      `SELECT pg_last_wal_replay_lsn() >= '${target?.lsn}'::pg_lsn AND EXISTS (SELECT FROM pg_stat_wal_receiver) AS caught_up`,
    );
    if (state?.caught_up) return;
    if (performance.now() > deadline) throw new Error("The replica does not follow the primary.");
    await delay(10);
  }
}

async function queryOnce<Row>(socketFolder: string, port: number, sql: string): Promise<Row[]> {
  const client = new Client({
    host: socketFolder,
    port,
    user: "postgres",
    database: "postgres",
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  client.on("error", () => undefined); // the query's own promise tells
  await client.connect();
  try {
    const result = await client.query(sql);
    return result.rows as Row[];
  } finally {
    await client.end();
  }
}

function refuseOtherVersion(dataFolder: string, packageVersion: string): void {
  const made = readFileSync(join(dataFolder, "PG_VERSION"), "utf8").trim();
  if (made !== packageVersion.split(".")[0])
    throw new Error(`The data in ${dataFolder} was made by Postgres ${made}. Start once with --fresh to begin anew.`);
}
