import { chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess } from "../processes/end-process.ts";
import { commandLine, startMark } from "../processes/process-identity.ts";
import type { ServerUser } from "../processes/server-user.ts";
import type { OwnedProcess, Supervisor } from "../processes/supervisor.ts";

export interface PostgresServerOptions {
  readonly name: string;
  readonly program: string;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly user: ServerUser | null;
  readonly supervisor: Supervisor;
}

export interface PostgresServer {
  /** Starts with this postgresql.conf and returns when connections are accepted. @throws Error with the end of its log. */
  start(settings: string): Promise<void>;
  /** SIGKILL to the postmaster, as a crash would; returns when it is gone. */
  kill(): Promise<void>;
  /** Fast shutdown: open transactions are rolled back, a checkpoint is written. */
  stop(): Promise<void>;
  isRunning(): boolean;
}

// Crash recovery after a kill under load may replay 1 GB of WAL (max_wal_size).
const startTimeoutMs = 60_000;

// Above every system's limit of process ids (Linux: 2^22).
const unusedPid = 2 ** 31 - 2;

/** One Postgres server over one data folder; start, kill and start again as often as a test likes. */
export function createPostgresServer(options: PostgresServerOptions): PostgresServer {
  const { name, program, dataFolder, logFile, user, supervisor } = options;
  let running: OwnedProcess | null = null;

  const startOnce = async (): Promise<"ready" | string> => {
    const logStart = sizeOf(logFile);
    const started = supervisor.spawn({
      name,
      command: program,
      args: ["-D", dataFolder],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      user,
      logFile,
      stopSignal: "SIGINT", // Postgres' word for a fast shutdown
    });
    running = started;
    const deadline = performance.now() + startTimeoutMs;
    while (!started.hasExited()) {
      if (readPidFile(dataFolder)?.status === "ready" && readPidFile(dataFolder)?.pid === started.record.pid) return "ready";
      if (performance.now() > deadline) {
        await started.end(1_000);
        return `not ready after ${startTimeoutMs / 1_000} s: ${endOf(logFile, logStart)}`;
      }
      await delay(10);
    }
    return `${await started.exited}: ${endOf(logFile, logStart)}`;
  };

  return {
    async start(settings) {
      await clearOldServer(name, dataFolder);
      writeFileSync(join(dataFolder, "postgresql.conf"), settings, { mode: 0o600 });
      if (user) chownSync(join(dataFolder, "postgresql.conf"), user.uid, user.gid);
      // Children of a killed postmaster need a moment to notice; until then the shared memory counts as in use.
      for (const deadline = performance.now() + 10_000; ; ) {
        const outcome = await startOnce();
        if (outcome === "ready") return;
        running = null;
        if (!/pre-existing shared memory|is still in use/.test(outcome) || performance.now() > deadline)
          throw new Error(`${name} did not start: ${outcome}`);
        await delay(50);
      }
    },
    async kill() {
      running?.signal("SIGKILL");
      await running?.exited;
      running = null;
    },
    async stop() {
      await running?.end(15_000);
      running = null;
    },
    isRunning: () => running !== null && !running.hasExited(),
  };
}

/** Ends a server of an earlier run over this folder, and sees through a lock that Postgres itself would believe. */
async function clearOldServer(name: string, dataFolder: string): Promise<void> {
  const old = readPidFile(dataFolder);
  if (!old) return;
  const mark = startMark(old.pid);
  if (mark !== null && commandLine(old.pid).endsWith(`-D ${dataFolder}`)) {
    await endProcess({ name, pid: old.pid, startMark: mark, stopSignal: "SIGINT" }, 15_000);
    return;
  }
  // To Postgres any process with that pid is the old server: one that was given the pid since, or the zombie of the
  // killed one (in a container nobody may ever reap it). The rest of the file must stay: it names the shared memory,
  // by which Postgres sees whether children of the old server are still at work.
  const file = join(dataFolder, "postmaster.pid");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, String(unusedPid)));
}

/** The pid file is also where Postgres tells its state (line 8); pg_ctl reads it in the same way. */
function readPidFile(dataFolder: string): { pid: number; status: string } | null {
  try {
    const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
    return { pid: Math.abs(Number(lines[0])), status: (lines[7] ?? "").trim() };
  } catch {
    return null; // not written yet, or already removed
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function endOf(logFile: string, from: number): string {
  return readFileSync(logFile).subarray(from).toString().trim().slice(-1_500);
}
