import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process we started, told apart from any later process that was given the same pid. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** The kernel's start time of the pid, as `startMark` reads it. */
  readonly startMark: string;
  /** What asks this process to end in good order. */
  readonly stopSignal: NodeJS.Signals;
}

/** When the process with this pid began, in the kernel's own words; null when there is none (or only a zombie). */
export function startMark(pid: number): string | null {
  return process.platform === "linux" ? startMarkFromProc(pid) : startMarkFromPs(pid);
}

/** True while the very process of the record (not merely its pid) is alive. */
export function isAlive(record: Pick<ProcessRecord, "pid" | "startMark">): boolean {
  return startMark(record.pid) === record.startMark;
}

/** The command line of a pid, arguments joined by spaces; empty when it is gone. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return ""; // gone between the question and the answer
  }
}

function startMarkFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses and may hold anything; count from the last ")".
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    return state === "Z" || startTicks === undefined ? null : startTicks;
  } catch {
    return null; // no such process
  }
}

function startMarkFromPs(pid: number): string | null {
  try {
    const [state = "", ...began] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
    })
      .trim()
      .split(/\s+/);
    return state.startsWith("Z") || began.length === 0 ? null : began.join(" ");
  } catch {
    return null; // ps exits 1 for an unknown pid
  }
}
