import { randomUUID } from "node:crypto";
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { asideMark } from "./data-folder.ts";
import { isReachable, memoryFolder, reachableFolder, type ServerUser, temporaryParent } from "./processes/server-user.ts";

/** For root: the user whose data this is already, as Postgres serves nobody else's; null when there is none. */
export function ownerOfServers(dataFolder: string): ServerUser | null {
  const data = statSync(join(resolve(dataFolder), "servers", "primary"), { throwIfNoEntry: false });
  return process.getuid?.() === 0 && data && data.uid !== 0 ? { uid: data.uid, gid: data.gid } : null;
}

/**
 * Where the servers of a data folder keep their files, made if missing; elsewhere, behind a link, when they cannot
 * enter it. @throws Error with one line when the files belong to another user
 */
export function serverFolder(dataFolder: string, user: ServerUser | null): string {
  const link = join(resolve(dataFolder), "servers");
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && existsSync(link) && (!user || isReachable(dirname(realpathSync(link)), user)))
    return owned(realpathSync(link), user);
  if (isLink) rmSync(link);

  const folder = reachableFolder(link, user);
  if (folder !== realpathSync(link)) {
    // Files without the link to them belonged to a data folder that was deleted.
    if (readdirSync(folder).length > 0) {
      renameSync(folder, `${folder}${asideMark}${randomUUID()}`);
      mkdirSync(folder);
    }
    rmSync(link, { recursive: true });
    symlinkSync(folder, link); // so that whoever looks finds them
  }
  return owned(folder, user);
}

function owned(folder: string, user: ServerUser | null): string {
  if (user) chownSync(folder, user.uid, user.gid);
  else if (statSync(folder).uid !== process.getuid?.())
    throw new Error(`${folder} belongs to another user: it was started as root before. Choose another --data-dir.`);
  return folder;
}

/** Postgres programs and empty clusters that every stack of this user copies from. */
export function findCacheFolder(user: ServerUser | null): string {
  const repository = dirname(import.meta.dirname);
  try {
    const folder = reachableFolder(join(repository, ".data", "cache"), user);
    accessSync(folder, constants.W_OK);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS") throw error;
  }
  const ownFolder = join(tmpdir(), `tributary-cache-${process.getuid?.() ?? 0}`);
  mkdirSync(ownFolder, { recursive: true, mode: 0o755 });
  if (lstatSync(ownFolder).uid !== process.getuid?.()) throw new Error(`${ownFolder} belongs to another user.`);
  return ownFolder;
}

/** A new folder of the server user; in Linux' memory file system if asked and there is room. The caller removes it. */
export function temporaryFolder(user: ServerUser | null, { inMemory }: { readonly inMemory: boolean }): string {
  const parent = (inMemory ? memoryFolder() : null) ?? temporaryParent(user);
  const folder = mkdtempSync(join(parent, "tributary-"));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}
