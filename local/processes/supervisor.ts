import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { endProcess, sendSignal } from "./end-process.ts";
import type { GuardianMessage } from "./guardian.ts";
import { isAlive, type ProcessRecord, startMark } from "./process-identity.ts";

export interface ProcessSpecification {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The user to run as; absent: our own. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
}

export interface OwnedProcess {
  readonly record: ProcessRecord;
  /** Settles when the process ends, with its code or signal. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Stop signal, then SIGKILL after `graceMs`. */
  end(graceMs: number): Promise<void>;
}

export interface Supervisor {
  spawn(specification: ProcessSpecification): OwnedProcess;
  /** Registers a folder that is removed when everything ends, however it ends. */
  removeAtEnd(folder: string): void;
  /** Ends what still runs, the newest first, removes the registered folders and lets the guardian go. */
  close(): Promise<void>;
}

interface StateFile {
  readonly processes: readonly ProcessRecord[];
  readonly folders: readonly string[];
}

/**
 * Starts processes that cannot outlive us: a guardian process ends them when we die. With `stateFile` they are
 * also recorded on disk, so that `recover` ends them at the next start even if the guardian was killed too.
 */
export function createSupervisor({ stateFile }: { readonly stateFile?: string } = {}): Supervisor {
  const guardian = startGuardian();
  const alive = new Map<number, ProcessRecord>();
  const folders = new Set<string>();

  const tell = (message: GuardianMessage) => guardian.stdin?.write(`${JSON.stringify(message)}\n`);
  const saveState = () => {
    if (stateFile) writeState(stateFile, { processes: [...alive.values()], folders: [...folders] });
  };

  return {
    spawn(specification) {
      const child = spawnToLog(specification);
      if (child.pid === undefined) return failedProcess(specification, child);
      const record: ProcessRecord = {
        name: specification.name,
        pid: child.pid,
        startMark: startMark(child.pid) ?? "ended at once",
        stopSignal: specification.stopSignal,
      };
      alive.set(record.pid, record);
      tell({ add: record });
      saveState();
      let exited = false;
      const exit = new Promise<string>((resolve) => {
        child.once("exit", (code, signal) => {
          exited = true;
          alive.delete(record.pid);
          tell({ remove: record.pid });
          saveState();
          resolve(signal ?? `code ${code}`);
        });
      });
      return {
        record,
        exited: exit,
        hasExited: () => exited,
        signal(signal) {
          child.ref(); // whoever signals waits for the end: keep the event loop running for it
          sendSignal(record, signal);
        },
        async end(graceMs) {
          child.ref();
          await endProcess(record, graceMs);
          await exit;
        },
      };
    },
    removeAtEnd(folder) {
      folders.add(folder);
      tell({ folder });
      saveState();
    },
    async close() {
      for (const record of [...alive.values()].reverse()) await endProcess(record, 10_000);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      folders.clear();
      if (stateFile) rmSync(stateFile, { force: true });
      const gone = new Promise((resolve) => guardian.once("exit", resolve));
      guardian.ref();
      tell({ release: true });
      if (guardian.exitCode === null && guardian.signalCode === null) await gone;
    },
  };
}

/** Ends what an earlier run left behind, as its state file tells. Returns the names of what was still alive. */
export async function recover(stateFile: string): Promise<string[]> {
  const state = readState(stateFile);
  const left = state.processes.filter(isAlive);
  for (const record of [...left].reverse()) await endProcess(record, 10_000);
  for (const folder of state.folders) rmSync(folder, { recursive: true, force: true });
  rmSync(stateFile, { force: true });
  return left.map((record) => record.name);
}

function startGuardian(): ChildProcess {
  const guardian = spawn(process.execPath, [join(import.meta.dirname, "guardian.ts")], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true, // Ctrl-C in a terminal goes to the whole group; the guardian must outlive us
    env: {}, // nothing of ours: NODE_OPTIONS or test-runner variables would change how it runs
  });
  guardian.unref();
  (guardian.stdin as Socket).unref();
  guardian.stdin?.on("error", (error) => console.error(`The guardian of the local servers is gone: ${error.message}`));
  return guardian;
}

function spawnToLog({ command, args, env, cwd, user, logFile }: ProcessSpecification): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(command, args, {
    stdio: ["ignore", log, log],
    detached: true, // its own group, so that Ctrl-C reaches only us and we stop things in order
    env: env ?? process.env,
    ...(cwd ? { cwd } : {}),
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  closeSync(log);
  child.unref();
  return child;
}

function failedProcess({ name, stopSignal }: ProcessSpecification, child: ChildProcess): OwnedProcess {
  const exited = new Promise<string>((resolve) => child.once("error", (error) => resolve(error.message)));
  return {
    record: { name, pid: -1, startMark: "never started", stopSignal },
    exited,
    hasExited: () => true,
    signal: () => undefined,
    end: async () => void (await exited),
  };
}

function readState(stateFile: string): StateFile {
  try {
    return JSON.parse(readFileSync(stateFile, "utf8")) as StateFile;
  } catch {
    return { processes: [], folders: [] }; // none written, or cut off by the crash we recover from
  }
}

function writeState(stateFile: string, state: StateFile): void {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
}
