import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findPostgresBinaries } from "./postgres/postgres-binaries.ts";
import { type PostgresPair, type RolePasswords, type ServerRole, startPostgresPair } from "./postgres/postgres-pair.ts";
import { type DatabaseName, pruneArchives } from "./postgres/template-cluster.ts";
import { findServerUser } from "./processes/server-user.ts";
import { createSupervisor, recover, type Supervisor } from "./processes/supervisor.ts";
import { findRedis } from "./redis/find-redis.ts";
import { type RedisServer, startRedisServer } from "./redis/redis-server.ts";
import { findCacheFolder, ownerOfServers, serverFolder, temporaryFolder } from "./server-folders.ts";

export interface DataStackOptions {
  /** Kept between starts. Absent: a temporary folder, removed at the end. */
  readonly dataFolder?: string;
  readonly passwords?: DataPasswords;
  /** Use this Redis instead of starting one. */
  readonly redisUrl?: string;
  /** False where Postgres runs elsewhere: asking for its addresses or faults then throws. */
  readonly withPostgres?: boolean;
  /** Defaults to true with a data folder. Without one nothing outlives the test anyway; measure with `fsync: true`. */
  readonly fsync?: boolean;
  readonly report?: (line: string) => void;
  readonly preparation?: DataPreparation;
}

/** Work on new databases that need not be done again while the key is the same. */
export interface DataPreparation {
  readonly key: string;
  run(databaseUrls: DataStack["databaseUrls"]): Promise<void>;
  /** Keep the prepared clusters in the cache, so that the next new stack with this key starts from them. */
  readonly cached: boolean;
}

export interface DataPasswords extends RolePasswords {
  readonly redis: string;
}

/** The addresses of one database, in the shape the services' settings have. */
export interface DatabaseUrls {
  readonly primaryUrl: string;
  readonly readPrimaryUrl: string;
  readonly replicaUrls: readonly string[];
  readonly ownerUrl: string;
  /** For tests that end backends or look into other roles' tables. Services never get it. */
  readonly superuserUrl: string;
}

export type DataServer = "postgres-primary" | "postgres-replica" | "redis";

export interface DataStack {
  readonly redisUrl: string;
  databaseUrls(name: DatabaseName): DatabaseUrls;
  /** SIGKILL; returns when the process is gone. */
  kill(server: DataServer): Promise<void>;
  /** Starts a killed server again, on the same port and data. */
  restart(server: DataServer): Promise<void>;
  /** The replica goes on serving reads but applies nothing more. */
  pauseReplica(): Promise<void>;
  resumeReplica(): Promise<void>;
  /** The replica applies each commit only this long after it happened on the primary; 0 ends it. */
  setReplicaDelay(delayMs: number): Promise<void>;
  /** Where the servers keep their files. */
  readonly folder: string;
  /** Whoever starts processes beside the data shares this supervisor, so that they too end with us. */
  readonly supervisor: Supervisor;
  stop(): Promise<void>;
}

/**
 * Starts real Postgres 18 (a primary and a streaming replica, databases users, tasks, notifications and gateway) and
 * Redis on free ports of 127.0.0.1: about a second. Works as root and as a normal user, and recovers from kill -9 of everything.
 */
export async function startDataStack(options: DataStackOptions = {}): Promise<DataStack> {
  const user = (options.dataFolder && ownerOfServers(options.dataFolder)) || findServerUser();
  const cacheFolder = findCacheFolder(user);
  const fsync = options.fsync ?? options.dataFolder !== undefined;
  const folder = options.dataFolder ? serverFolder(options.dataFolder, user) : temporaryFolder(user, { inMemory: !fsync });
  const stateFile = options.dataFolder ? join(resolve(options.dataFolder), "processes.json") : undefined;
  if (stateFile) await recover(stateFile);
  const supervisor = createSupervisor(stateFile ? { stateFile } : {});
  if (!options.dataFolder) supervisor.removeAtEnd(folder);
  const socketFolder = temporaryFolder(user, { inMemory: false });
  supervisor.removeAtEnd(socketFolder);

  const preparedArchive = options.preparation && join(cacheFolder, `prepared-${options.preparation.key}.tar`);
  const isCached = preparedArchive !== undefined && existsSync(preparedArchive);

  const passwords = options.passwords ?? generatePasswords();
  const report = options.report ?? (() => undefined);
  const starts = await Promise.allSettled([
    options.withPostgres === false
      ? null
      : findPostgresBinaries(cacheFolder, user).then((binaries) =>
          startPostgresPair({
            folder,
            socketFolder,
            cacheFolder,
            preparedArchive: isCached ? preparedArchive : undefined,
            binaries,
            user,
            supervisor,
            passwords,
            fsync,
          }),
        ),
    options.redisUrl
      ? null
      : findRedis({ cacheFolder, user, searchPath: process.env.PATH ?? "", report }).then((program) =>
          startRedisServer({ folder: join(folder, "redis"), program, password: passwords.redis, user, supervisor }),
        ),
  ]);

  const [postgresStart, redisStart] = starts;
  if (postgresStart.status === "rejected" || redisStart.status === "rejected") {
    await supervisor.close();
    throw redisStart.status === "rejected" ? redisStart.reason : (postgresStart as PromiseRejectedResult).reason;
  }
  const redis = redisStart.value;
  const postgres = postgresStart.value ?? notOurs<PostgresPair>("Postgres");

  const url = (role: ServerRole, login: string, password: string, name: DatabaseName) =>
    `postgres://${login}:${encodeURIComponent(password)}@127.0.0.1:${postgres.port(role)}/${name}`;
  const servers = {
    "postgres-primary": { kill: () => postgres.kill("primary"), start: () => postgres.start("primary") },
    "postgres-replica": { kill: () => postgres.kill("replica"), start: () => postgres.start("replica") },
    redis: redis ?? notOurs<RedisServer>("Redis"),
  };

  const databaseUrls = (name: DatabaseName): DatabaseUrls => ({
    primaryUrl: url("primary", "tributary_app", passwords.app, name),
    readPrimaryUrl: url("primary", "tributary_reader", passwords.reader, name),
    replicaUrls: [url("replica", "tributary_reader", passwords.reader, name)],
    ownerUrl: url("primary", "tributary_owner", passwords.owner, name),
    superuserUrl: url("primary", "postgres", passwords.superuser, name),
  });
  if (options.preparation) {
    const { key, run, cached } = options.preparation;
    const keyFile = join(folder, "prepared");
    const done = postgres.isNew ? isCached : existsSync(keyFile) && readFileSync(keyFile, "utf8") === key;
    try {
      if (!done) await run(databaseUrls);
      if (!done && cached && preparedArchive) {
        await postgres.archive(preparedArchive);
        pruneArchives(cacheFolder, "prepared-");
      }
    } catch (error) {
      await supervisor.close();
      throw error;
    }
    writeFileSync(keyFile, key);
  }

  return {
    redisUrl: options.redisUrl ?? redis?.url ?? "",
    databaseUrls,
    kill: (server) => servers[server].kill(),
    restart: (server) => servers[server].start(),
    async pauseReplica() {
      await postgres.query("replica", "SELECT pg_wal_replay_pause()");
    },
    async resumeReplica() {
      await postgres.query("replica", "SELECT pg_wal_replay_resume()");
    },
    async setReplicaDelay(delayMs) {
      await postgres.query("replica", `ALTER SYSTEM SET recovery_min_apply_delay = '${Math.round(delayMs)}ms'`);
      await postgres.query("replica", "SELECT pg_reload_conf()");
    },
    folder,
    supervisor,
    async stop() {
      await Promise.all([postgresStart.value?.stop(), redis?.stop()]);
      await supervisor.close();
    },
  };
}

/** A new set of passwords; URL-safe, so that they can stand in addresses as they are. */
export function generatePasswords(): DataPasswords {
  const password = () => randomBytes(24).toString("base64url");
  return { owner: password(), app: password(), reader: password(), superuser: password(), redis: password() };
}

/** Stands for a server that was given by its address: nothing may be done to it. */
function notOurs<Server extends object>(name: string): Server {
  const refuse = () => {
    throw new Error(`This ${name} was given by its address; it is not ours.`);
  };
  return new Proxy({} as Server, { get: () => refuse });
}
