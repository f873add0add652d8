import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessRecord } from "./process-identity.ts";

/** Sends the record's stop signal, then SIGKILL after `graceMs`, and returns when the process is gone. */
export async function endProcess(record: ProcessRecord, graceMs: number): Promise<void> {
  if (!sendSignal(record, record.stopSignal)) return;
  sendSignal(record, "SIGCONT"); // a stopped process would not hear it
  if (await isGoneWithin(record, graceMs)) return;
  sendSignal(record, "SIGKILL");
  if (!(await isGoneWithin(record, 5_000))) throw new Error(`${record.name} (pid ${record.pid}) does not end`);
}

/** Signals the very process of the record; false when it has already gone. */
export function sendSignal(record: ProcessRecord, signal: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false;
  try {
    return process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function isGoneWithin(record: ProcessRecord, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (isAlive(record)) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}
