import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

const lowest = 19;

/**
 * Lets a process have what is left of a core by this one: at `by` 10 a tenth where both want all of it. It cannot be taken
 * back: raising a priority asks for a right that services do not have. Where it is not allowed, nothing changes.
 */
export function lowerPriority(pid: number, by: number): void {
  const niceness = Math.min(lowest, getPriority() + by);
  try {
    setPriority(pid, niceness);
    for (const thread of threadsOf(pid)) setPriority(thread, niceness);
  } catch {
    return; // ended, or not allowed: it runs as it did
  }
}

/** On Linux a priority is that of one thread; those it starts later have it too. Elsewhere it is that of the process. */
const threadsOf = (pid: number): readonly number[] =>
  process.platform === "linux" ? readdirSync(`/proc/${pid}/task`).map(Number) : [];
