import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, realpathSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The user that Postgres and Redis run as when we are root: Postgres refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Null when we are not root: the servers then run as ourselves. @throws Error when root finds no other user. */
export function findServerUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find((fields) => fields[0] === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('Started as root, Postgres must run as another user, but neither "postgres" nor "nobody" exists.');
}

/**
 * A folder like `wanted` that the server user can enter. A clone in root's private home cannot be entered by anyone
 * else, so root gets a folder of its own under /var/lib instead (kept over reboots, unlike /tmp).
 */
export function reachableFolder(wanted: string, user: ServerUser | null): string {
  const first = makeOpenFolder(wanted);
  if (!user || isReachable(first, user)) return first;
  const name = createHash("sha256").update(resolve(wanted)).digest("hex").slice(0, 16);
  for (const parent of ["/var/lib/tributary", "/var/tmp/tributary"]) {
    const folder = makeOpenFolder(join(makeOpenFolder(parent), name));
    if (isReachable(folder, user)) return folder;
  }
  throw new Error(`User ${user.uid} can enter neither ${wanted} nor /var/lib/tributary.`);
}

/** A folder for temporary files that the server user can enter, with a path short enough for a Unix socket (104 bytes). */
export function temporaryParent(user: ServerUser | null): string {
  for (const folder of ["/tmp", tmpdir(), "/var/tmp"]) {
    try {
      if (statSync(folder).isDirectory() && (!user || isReachable(realpathSync(folder), user))) return folder;
    } catch {
      // This one does not exist or cannot be looked at: the next may do.
    }
  }
  throw new Error(`No temporary folder can be entered by user ${user?.uid}.`);
}

/** Whether the user may pass every folder on the way to `path` and read `path` itself (mode bits; no ACLs). */
export function isReachable(path: string, user: ServerUser): boolean {
  const allows = (file: string, bit: 1 | 5) => {
    const { uid, gid, mode } = statSync(file);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    return ((mode >> shift) & bit) === bit;
  };
  if (!allows(path, 5)) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!allows(folder, 1)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * Linux' memory file system, if it has room (containers often have 64 MB): a cluster is 1,900 small files, and ext4
 * without a journal takes seconds to create them after a like number was deleted.
 */
export function memoryFolder(): string | null {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize >= 2 * 1024 ** 3 ? "/dev/shm" : null;
  } catch {
    return null; // not on this system
  }
}

function makeOpenFolder(folder: string): string {
  const made = mkdirSync(folder, { recursive: true });
  if (made) chmodSync(folder, 0o755); // whatever the umask says; private things lie in folders below
  return realpathSync(folder);
}
