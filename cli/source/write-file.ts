import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";

/** Writes a file that was asked for, and the folders it lies in. @throws CouldNotRun naming it */
export function writeFile(path: string, text: string, { append = false } = {}): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: append ? "a" : "w" });
  } catch (cause) {
    throw new CouldNotRun(`${path}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
