import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePorts } from "../processes/free-ports.ts";
import type { ServerUser } from "../processes/server-user.ts";
import type { OwnedProcess, Supervisor } from "../processes/supervisor.ts";
import type { RedisProgram } from "./redis-program.ts";

export interface RedisServerOptions {
  readonly folder: string;
  readonly program: RedisProgram;
  readonly password: string;
  readonly user: ServerUser | null;
  readonly supervisor: Supervisor;
}

export interface RedisServer {
  readonly url: string;
  /** Starts it again after `kill`, on the same port and data. */
  start(): Promise<void>;
  /** SIGKILL. The append-only file survives; see reliability fact F4. */
  kill(): Promise<void>;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000; // loading a large append-only file

/** Starts a private Redis on 127.0.0.1: append-only file, no eviction, a password. */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const { folder, program, password, user, supervisor } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
  const logFile = `${folder}.log`;
  let [port = 0] = await freePorts(1);
  let running: OwnedProcess | null = null;

  const start = async () => {
    const configFile = writeConfig({ folder, port, password, user });
    const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const started = supervisor.spawn({
      name: "redis",
      command: program.path,
      args: [configFile],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", ...program.env },
      user,
      logFile,
      stopSignal: "SIGTERM",
    });
    running = started;
    await waitUntilReady(started, port, password, () => readFileSync(logFile).subarray(logStart).toString().trim().slice(-1_000));
  };

  for (let attempt = 1; ; attempt++) {
    try {
      await start();
      break;
    } catch (error) {
      if (attempt === 5 || !/Address already in use/i.test(String(error))) throw error;
      [port = 0] = await freePorts(1); // another program was quicker
    }
  }

  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    start,
    async kill() {
      running?.signal("SIGKILL");
      await running?.exited;
    },
    signal: (signal) => running?.signal(signal),
    async stop() {
      await running?.end(10_000);
    },
  };
}

function writeConfig({
  folder,
  port,
  password,
  user,
}: Pick<RedisServerOptions, "folder" | "password" | "user"> & { port: number }): string {
  const file = join(folder, "redis.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `requirepass ${password}`,
    `dir "${folder}"`,
    "appendonly yes", // kill -9 loses nothing that was acknowledged (F4)
    "appendfsync everysec",
    "maxmemory-policy noeviction", // a job that is evicted is a job that is lost
    'save ""', // the append-only file is the copy; no snapshots beside it
    "daemonize no",
    "enable-debug-command local", // fault tests use DEBUG SLEEP
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  if (user) chownSync(file, user.uid, user.gid);
  return file;
}

async function waitUntilReady(started: OwnedProcess, port: number, password: string, log: () => string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    if (started.hasExited()) throw new Error(`Redis did not start (${await started.exited}): ${log()}`);
    if (await answersPing(port, password)) return;
    await delay(10);
  }
  await started.end(1_000);
  throw new Error(`Redis was not ready after ${startTimeoutMs / 1_000} s: ${log()}`);
}

/** While it loads its data Redis answers -LOADING: not ready yet. */
async function answersPing(port: number, password: string): Promise<boolean> {
  const client = new Redis({
    host: "127.0.0.1",
    port,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on("error", () => undefined); // connect() and ping() reject too
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
