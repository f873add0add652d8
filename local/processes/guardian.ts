// Ends what its parent started when the parent dies without doing so (kill -9, a crashed test).
// Reads one JSON message per line; the end of its input is the parent's death. Run by supervisor.ts.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { endProcess } from "./end-process.ts";
import type { ProcessRecord } from "./process-identity.ts";

export type GuardianMessage =
  | { readonly add: ProcessRecord }
  | { readonly remove: number }
  | { readonly folder: string }
  | { readonly release: true };

if (import.meta.main) {
  const processes = new Map<number, ProcessRecord>();
  const folders = new Set<string>();
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as GuardianMessage;
    if ("add" in message) processes.set(message.add.pid, message.add);
    else if ("remove" in message) processes.delete(message.remove);
    else if ("folder" in message) folders.add(message.folder);
    else process.exit(0);
  }
  // The newest first: services before the databases they use.
  for (const record of [...processes.values()].reverse())
    await endProcess(record, 10_000).catch((error: unknown) => console.error(error));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
