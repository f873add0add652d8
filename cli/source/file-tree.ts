import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
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
  const read = (path: string): string => {
    try {
      return readFileSync(absolute(path), "utf8");
    } catch (cause) {
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

/** The files of a commit, read with `git ls-tree` and `git cat-file --batch`; nothing is checked out. @throws CouldNotRun */
export function openGitTree(root: string, ref: string): FileTree {
  const commit = git.resolveCommit(root, ref);
  const prefix = git.prefixOf(root); // the root may be a folder of a larger repository
  let listing: readonly string[] | undefined;
  const files = (): readonly string[] => (listing ??= git.listFiles(root, commit));
  const readMany = (paths: readonly string[]): ReadonlyMap<string, string> => {
    for (const path of paths) if (!files().includes(normalize(path))) throw new CouldNotRun(`${path}: not in ${ref}`);
    const contents = git.readFiles(
      root,
      commit,
      paths.map((path) => `${prefix}${normalize(path)}`),
    );
    return new Map(paths.map((path) => [path, contents.get(`${prefix}${normalize(path)}`)!]));
  };
  return {
    label: `${ref} (${commit.slice(0, 7)})`,
    read: (path) => readMany([path]).get(path)!,
    readMany,
    find(path) {
      const wanted = normalize(path);
      if (files().includes(wanted)) return [wanted];
      const inside = files().filter((file) => wanted === "" || wanted === "." || file.startsWith(`${wanted}/`));
      return inside.length > 0 ? [...inside].sort() : undefined;
    },
  };
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
