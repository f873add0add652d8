import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

export type RunningProcess = {
  readonly port: number;
  readonly pid: number;
  /** Takes its core away until `resume`: what it still has to do would slow the next one down. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
};

// As the local stack does: nobody pays for stripping types at each start.
const compileCacheFolder = join(import.meta.dirname, "../../.data/cache/compile");
const startTimeoutMs = 60_000;
const tickMs = 10; // of /proc, on every Linux that Node runs on

/** Pins to one core where the system can; contenders have core 0 for themselves, everything else the next one. */
export const canPin = process.platform === "linux" && cpus().length > 1 && hasTaskset();

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["-p", String(process.pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Moves this process, the load, off the core of the contenders. */
export function leaveContendersCore(): void {
  if (canPin) execFileSync("taskset", ["-a", "-c", "-p", "1", String(process.pid)], { stdio: "ignore" });
}

/** Starts a Node process on a core; it is ready when it prints `port N`. @throws Error with its output when it ends before. */
export function startProcess(
  args: readonly string[],
  { core, env }: { core: 0 | 1; env: Readonly<Record<string, string>> },
): Promise<RunningProcess> {
  const command = [process.execPath, "--no-warnings", ...args];
  const [file, ...rest] = canPin ? ["taskset", "-c", String(core), ...command] : command;
  const child = spawn(file!, rest, {
    env: { ...process.env, NODE_ENV: "production", NODE_COMPILE_CACHE: compileCacheFolder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output = (output + chunk).slice(-8_000);
      const port = /^port (\d+)$/m.exec(output)?.[1];
      if (port) settle(() => resolve(toRunning(child, Number(port))));
    };
    const fail = (reason: string): void => settle(() => reject(new Error(`${args.join(" ")} ${reason}:\n${output}`)));
    const exited = (code: number | null): void => fail(`ended with ${code}`);
    const timer = setTimeout(() => {
      fail("was not ready in time");
      child.kill("SIGKILL");
    }, startTimeoutMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off("exit", exited);
      act();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", exited);
  });
}

const toRunning = (child: ChildProcess, port: number): RunningProcess => ({
  port,
  pid: child.pid!,
  pause: () => void child.kill("SIGSTOP"),
  resume: () => void child.kill("SIGCONT"),
  stop: () => stop(child),
});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGCONT");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await ended;
  clearTimeout(timer);
}

/** CPU a process has used so far, and its memory; undefined where there is no /proc. */
export function processUsage(pid: number): { readonly cpuMs: number; readonly rssMb: number } | undefined {
  if (process.platform !== "linux") return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, rssMb: rssKb / 1024 };
}

/** Milliseconds that all cores had, and what of it the hypervisor gave to others; undefined where there is no /proc. */
export function machineTimes(): { readonly allMs: number; readonly stolenMs: number } | undefined {
  if (process.platform !== "linux") return undefined;
  const times = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]?.split(" ").map(Number) ?? [];
  return { allMs: times.slice(0, 8).reduce((sum, time) => sum + time, 0) * tickMs, stolenMs: (times[7] ?? 0) * tickMs };
}
