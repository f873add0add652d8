import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, startMark } from "./processes/process-identity.ts";
import { recover } from "./processes/supervisor.ts";

export interface DataFolder {
  readonly path: string;
  /** Another start may use the folder from now on. */
  release(): void;
}

/**
 * Takes a data folder for this process: two stacks over the same data would destroy it. `fresh` deletes what is in it,
 * except the cache of programs. @throws Error with one line when another stack runs from it
 */
export async function claimDataFolder(path: string, { fresh }: { readonly fresh: boolean }): Promise<DataFolder> {
  mkdirSync(path, { recursive: true });
  const claimFile = join(path, "owner.json");
  const claim = `${JSON.stringify({ pid: process.pid, startMark: startMark(process.pid) })}\n`;
  try {
    writeFileSync(claimFile, claim, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const owner = readClaim(claimFile);
    if (owner && isAlive(owner))
      throw new Error(`Tributary already runs from ${path} (process ${owner.pid}). Stop it, or choose another --data-dir.`);
    writeFileSync(claimFile, claim); // the last owner was killed
  }
  if (fresh) {
    await recover(join(path, "processes.json")); // nothing may still write to what is deleted
    deleteServerFiles(path);
    for (const name of readdirSync(path))
      if (name !== "cache" && name !== "owner.json") rmSync(join(path, name), { recursive: true, force: true });
  }
  return { path, release: () => rmSync(claimFile, { force: true }) };
}

/** The servers' files may lie elsewhere, behind a link (see reachableFolder). */
function deleteServerFiles(path: string): void {
  try {
    const folder = join(path, "servers");
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function readClaim(file: string): { pid: number; startMark: string } | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; startMark: string };
  } catch {
    return null; // cut off by a crash: nobody holds it
  }
}
