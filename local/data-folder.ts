import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isAlive, startMark } from "./processes/process-identity.ts";
import { recover } from "./processes/supervisor.ts";

export interface DataFolder {
  readonly path: string;
  /** Another start may use the folder from now on. */
  release(): void;
  /** Deletes in the background what `fresh` put aside; call it when nobody waits any more. */
  tidy(): Promise<void>;
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
    const servers = join(path, "servers"); // perhaps a link to elsewhere (see reachableFolder)
    if (existsSync(servers)) putAside(realpathSync(servers));
    for (const name of readdirSync(path))
      if (!["cache", "owner.json"].includes(name) && !isAside(name)) rmSync(join(path, name), { recursive: true, force: true });
  }
  return {
    path,
    release: () => rmSync(claimFile, { force: true }),
    async tidy() {
      for (const folder of [path, dirname(realpathSync(join(path, "servers")))])
        for (const name of readdirSync(folder).filter(isAside)) await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}

/** Renames instead of deleting: ext4 without a journal makes new files very slowly after many were deleted. */
function putAside(folder: string): void {
  renameSync(folder, `${folder}${asideMark}${randomUUID()}`);
}

/** In the name of a folder that only waits for its deletion. */
export const asideMark = ".deleted-";

const isAside = (name: string) => name.includes(asideMark);

function readClaim(file: string): { pid: number; startMark: string } | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; startMark: string };
  } catch {
    return null; // cut off by a crash: nobody holds it
  }
}
