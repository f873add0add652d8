import { createHash, randomUUID } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../processes/run-command.ts";
import { memoryFolder, type ServerUser } from "../processes/server-user.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

export const databaseNames = ["users", "tasks", "notifications", "gateway"] as const;
export type DatabaseName = (typeof databaseNames)[number];

// 70 MB each; a change of branch brings back older ones.
const keptArchives = 6;

/** The standby's physical slot: the primary keeps the WAL a stopped standby still needs. */
export const replicaSlot = "replica";

// Sorted by bytes as in collation C, so ids and ranks compare alike here and in JavaScript; C.UTF-8 of the builtin
// provider adds case mapping beyond ASCII. Local connections need no password: the socket folder is private (0700).
const initdbArguments = [
  ...["-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  ...["--auth-local=trust", "--auth-host=scram-sha-256", "--wal-segsize=4", "--no-sync", "--no-instructions"],
];

// One statement per line: single-user mode takes a line as a command.
const initialSql = [
  "CREATE ROLE tributary_owner LOGIN",
  "CREATE ROLE tributary_app LOGIN",
  "CREATE ROLE tributary_reader LOGIN",
  "ALTER ROLE tributary_reader SET default_transaction_read_only = on",
  // Copied as files: through the WAL takes twice the time, and each start would unpack that WAL.
  ...databaseNames.flatMap((name) => createDatabaseSql(name, { strategy: "file_copy" })),
  `SELECT pg_create_physical_replication_slot('${replicaSlot}', true)`,
].join("\n");

/** The statements that make a database and say who may enter it, to be run one by one. */
export function createDatabaseSql(name: DatabaseName, { strategy }: { readonly strategy: "file_copy" | "wal_log" }): string[] {
  return [
    `CREATE DATABASE ${name} OWNER tributary_owner STRATEGY ${strategy}`,
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    `GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO tributary_app, tributary_reader`,
  ];
}

/**
 * An archive of a cleanly stopped cluster with roles (no passwords yet) and empty databases, made once per Postgres
 * version: unpacking takes a tenth of the time of initdb. Safe to call from several processes at once.
 */
export async function templateCluster(binaries: PostgresBinaries, cacheFolder: string, user: ServerUser | null): Promise<string> {
  const recipe = createHash("sha256")
    .update(JSON.stringify([initdbArguments, initialSql]))
    .digest("hex");
  const archive = join(cacheFolder, `cluster-${binaries.version}-${recipe.slice(0, 12)}.tar`);
  if (existsSync(archive)) return archive;

  // In memory if there is room: what is deleted from ext4 here would slow down the copies that follow.
  const cluster = join(memoryFolder() ?? cacheFolder, `tributary-template-${randomUUID()}`);
  mkdirSync(cluster, { mode: 0o700 });
  if (user) chownSync(cluster, user.uid, user.gid);
  const asServer = { user, cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }, timeoutMs: 60_000 };
  await runCommand(binaries.initdb, ["-D", cluster, ...initdbArguments], asServer);
  const output = await runCommand(binaries.postgres, ["--single", "-F", "-D", cluster, "-c", "wal_level=replica", "postgres"], {
    ...asServer,
    input: `${initialSql}\n`,
  });
  if (output.includes("ERROR:")) throw new Error(`The database cluster could not be prepared: ${output}`);
  await archiveCluster(cluster, archive);
  rmSync(cluster, { recursive: true });
  return archive;
}

/** Packs the folder of a stopped cluster into an archive that `copyCluster` unpacks. */
export async function archiveCluster(cluster: string, archive: string): Promise<void> {
  const unfinished = `${archive}.${randomUUID()}`;
  await runCommand("tar", ["-cf", unfinished, "-C", cluster, "."], { timeoutMs: 60_000 });
  chmodSync(unfinished, 0o644); // the server user unpacks it
  renameSync(unfinished, archive);
}

/** Deletes all but the newest archives whose name begins so; enough stay for stacks that start at this moment. */
export function pruneArchives(cacheFolder: string, prefix: string): void {
  const archives = readdirSync(cacheFolder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".tar"))
    .map((name) => ({ path: join(cacheFolder, name), modifiedMs: statSync(join(cacheFolder, name)).mtimeMs }))
    .sort((a, b) => b.modifiedMs - a.modifiedMs);
  for (const { path } of archives.slice(keptArchives)) rmSync(path, { force: true });
}

/** Makes a cluster from an archive of `templateCluster`, or from the folder of a stopped cluster. */
export async function copyCluster(
  from: string,
  to: string,
  { user, standby }: { readonly user: ServerUser | null; readonly standby: boolean },
): Promise<void> {
  const options = { user, cwd: "/", timeoutMs: 600_000 };
  const unfinished = `${to}.unfinished`; // so that a copy cut off by kill -9 is never taken for a cluster
  await runCommand("rm", ["-rf", unfinished, to], options);
  await runCommand("mkdir", ["-m", "700", unfinished], options);
  // tar in both cases: cp took ten times as long on ext4, for its care with holes in freshly written files.
  const unpack = from.endsWith(".tar")
    ? 'tar -xf "$0" -C "$1"'
    : 'tar -cf - -C "$0" --exclude=./postmaster.pid . | tar -xf - -C "$1"';
  await runCommand("sh", ["-c", unpack, from, unfinished], options);
  if (standby) {
    // A standby must not inherit its own slot: it would keep WAL for ever.
    await runCommand("rm", ["-rf", `${unfinished}/pg_replslot/${replicaSlot}`], options);
    await runCommand("touch", [`${unfinished}/standby.signal`], options);
  }
  await runCommand("mv", [unfinished, to], options);
}
