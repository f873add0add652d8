import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import { git } from "./git.ts";

/** Files of one state of the repository; paths are relative to its root, with forward slashes. */
export interface FileTree {
  /** How people name this state: a ref with its commit, or "working tree". */
  readonly label: string;
  /** @throws CouldNotRun when there is no such file */
  read(path: string): string;
  /** Several files at once: cheaper than one by one where each read is a process. */
  readMany(paths: readonly string[]): ReadonlyMap<string, string>;
  /** The file itself, or every file under a folder, sorted; undefined when there is neither. */
  find(path: string): readonly string[] | undefined;
}

/** The files as they lie on disk under `root`. */
export function openWorkTree(root: string, label = "working tree"): FileTree {
  const absolute = (path: string): string => resolve(root, path);
  const [shownRoot, realRoot] = [`${resolve(root)}${sep}`, `${realpathSync.native(root)}${sep}`];
  const read = (path: string): string => {
    try {
      const file = absolute(path);
      if (file.startsWith(shownRoot)) requireOwnFile(path, realpathSync.native(file), realRoot);
      return readFileSync(file, "utf8");
    } catch (cause) {
      if (cause instanceof CouldNotRun) throw cause;
      throw new CouldNotRun(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
    }
  };
  return {
    label,
    read,
    readMany: (paths) => new Map(paths.map((path) => [path, read(path)])),
    find(path) {
      const found = statSync(absolute(path), { throwIfNoEntry: false });
      if (!found) return undefined;
      if (!found.isDirectory()) return [normalize(path)];
      return walk(absolute(path))
        .map((file) => normalize(relative(root, file)))
        .sort();
    },
  };
}

/**
 * Reports show lines of what they read, and a branch may hold a link to anything. What lies outside the repository is read
 * only where a flag names it.
 */
function requireOwnFile(path: string, real: string, realRoot: string): void {
  if (!real.startsWith(realRoot)) throw new CouldNotRun(`${path}: is a link out of the repository`);
  if (!statSync(real).isFile()) throw new CouldNotRun(`${path}: is no file`);
}

/**
 * The files of a commit; nothing is checked out. A file that lies unchanged on disk is read there, the others come from one
 * `git cat-file --batch`. @throws CouldNotRun
 */
export function openGitTree(root: string, ref: string): FileTree {
  const commit = git.resolveCommit(root, ref);
  let listing: ReadonlyMap<string, string> | undefined;
  const blobs = (): ReadonlyMap<string, string> => (listing ??= git.listBlobs(root, commit));
  const readMany = (paths: readonly string[]): ReadonlyMap<string, string> => {
    const contents = new Map<string, string>();
    const wanted = new Map<string, string>();
    for (const path of paths) {
      const id = blobs().get(normalize(path));
      if (id === undefined) throw new CouldNotRun(`${path}: not in ${ref}`);
      const onDisk = readBlobOnDisk(join(root, path), id);
      if (onDisk === undefined) wanted.set(path, id);
      else contents.set(path, onDisk);
    }
    if (wanted.size > 0) for (const [path, text] of git.readBlobs(root, commit, wanted)) contents.set(path, text);
    return new Map(paths.map((path) => [path, contents.get(path)!]));
  };
  return {
    label: `${ref} (${commit.slice(0, 7)})`,
    read: (path) => readMany([path]).get(path)!,
    readMany,
    find(path) {
      const wanted = normalize(path);
      if (blobs().has(wanted)) return [wanted];
      const inside = [...blobs().keys()].filter((file) => wanted === "" || file.startsWith(`${wanted}/`));
      return inside.length > 0 ? inside.sort() : undefined;
    },
  };
}

/** The file's text if its bytes are those of the blob; line endings that git converts make them differ. */
function readBlobOnDisk(path: string, id: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return undefined; // a link to a device would never end
    const bytes = readFileSync(path);
    const algorithm = id.length === 64 ? "sha256" : "sha1"; // by the repository's object format
    const found = createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    return found === id ? bytes.toString("utf8") : undefined;
  } catch {
    return undefined; // gone or a folder now: git has it
  }
}

const skipped = new Set(["node_modules", ".git", ".data", "coverage"]);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** Forward slashes, no "./", no trailing slash. @throws CouldNotRun for a path outside the root */
export function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new CouldNotRun(`${path}: lies outside the repository`);
  }
  return parts.join("/");
}
