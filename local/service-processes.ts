import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnedProcess, Supervisor } from "./processes/supervisor.ts";
import {
  compileCacheFolder,
  quickImports,
  repositoryFolder,
  type ServiceName,
  serviceEntries,
  serviceNames,
} from "./service-environments.ts";

export interface ServiceProcesses {
  /** SIGKILL; returns when the process is gone. */
  kill(name: ServiceName): Promise<void>;
  /** Starts it again with the same environment (and so the same port) and waits until it is ready. */
  restart(name: ServiceName): Promise<void>;
  /** For faults other than death: SIGSTOP, SIGCONT, SIGTERM. */
  signal(name: ServiceName, signal: NodeJS.Signals): void;
  /** Gateway first, as clients come in there; then the others together. */
  stop(): Promise<void>;
}

export interface ServiceProcessesOptions {
  readonly environments: Readonly<Record<ServiceName, Record<string, string>>>;
  readonly logFolder: string;
  readonly supervisor: Supervisor;
  /** Gets the stop before anything is started, so that a start can be broken off in order. */
  readonly onStop?: (stop: () => Promise<void>) => void;
}

const readyTimeoutMs = 60_000; // seven processes on two busy cores
const stopTimeoutMs = 30_000; // the services' own stop deadline is shorter

/** Starts each service as a process of its own and returns when all are ready. @throws Error with the end of a log. */
export async function startServiceProcesses(options: ServiceProcessesOptions): Promise<ServiceProcesses> {
  const running = new Map<ServiceName, OwnedProcess>();

  const start = async (name: ServiceName) => {
    const environment = options.environments[name];
    const logFile = join(options.logFolder, `${name}.log`);
    closeSync(openSync(logFile, "a", 0o600));
    const logStart = readFileSync(logFile).length;
    const child = options.supervisor.spawn({
      name,
      command: process.execPath,
      args: ["--import", quickImports, join(repositoryFolder, serviceEntries[name])],
      cwd: repositoryFolder,
      // MALLOC_ARENA_MAX as in the image.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCacheFolder, MALLOC_ARENA_MAX: "2", ...environment },
      logFile,
      stopSignal: "SIGTERM",
    });
    running.set(name, child);
    const logEnd = () => readFileSync(logFile).subarray(logStart).toString().trim().slice(-3_000);
    for (const deadline = performance.now() + readyTimeoutMs; ; await delay(25)) {
      if (child.hasExited()) throw new Error(`${name} ended (${await child.exited}):\n${logEnd()}`);
      const report = await readiness(`http://127.0.0.1:${environment.ADMIN_PORT}/health/ready`);
      if (report === "ready") return;
      if (performance.now() > deadline)
        throw new Error(`${name} was not ready after ${readyTimeoutMs / 1_000} s: ${report}\n${logEnd()}`);
    }
  };
  const stop = async () => {
    await running.get("gateway")?.end(stopTimeoutMs);
    await Promise.all([...running.values()].map((child) => child.end(stopTimeoutMs)));
  };

  options.onStop?.(stop);
  const starts = await Promise.allSettled(serviceNames.map(start));
  const failure = starts.find((outcome) => outcome.status === "rejected");
  if (failure) {
    await stop();
    throw failure.reason;
  }

  return {
    async kill(name) {
      running.get(name)?.signal("SIGKILL");
      await running.get(name)?.exited;
    },
    restart: start,
    signal: (name, signal) => running.get(name)?.signal(signal),
    stop,
  };
}

/** "ready", or what the service says it waits for. */
async function readiness(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const body = await response.text();
    return response.ok ? "ready" : body.slice(0, 500);
  } catch (error) {
    return String((error as Error).cause ?? error); // not listening yet
  }
}
