import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** JSON values kept on disk between runs. A file that is lost or damaged is as one that was never there. */
export interface DiskCache {
  get<T>(kind: string, key: string): T | undefined;
  set(kind: string, key: string, value: unknown): void;
}

const maxFiles = 200; // some 20 KiB each; the oldest go first

/** Values live under `node_modules/.cache/supergraph` of the repository, or in the temporary folder when there is none. */
export function openDiskCache(root: string): DiskCache {
  const modules = join(root, "node_modules");
  const folder = existsSync(modules)
    ? join(modules, ".cache", "supergraph")
    : join(tmpdir(), `supergraph-cache-${process.getuid?.() ?? 0}`);
  const pathOf = (kind: string, key: string): string => join(folder, `${kind}-${key}.json`);
  return {
    get<T>(kind: string, key: string): T | undefined {
      try {
        if (!isOwn(folder)) return undefined;
        return JSON.parse(readFileSync(pathOf(kind, key), "utf8")) as T;
      } catch {
        return undefined; // absent or damaged: made again
      }
    },
    set(kind, key, value) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (!isOwn(folder)) return;
        const path = pathOf(kind, key);
        const draft = `${path}.${process.pid}`; // renamed when whole: another run may read the folder
        writeFileSync(draft, JSON.stringify(value));
        renameSync(draft, path);
        prune(folder);
      } catch {
        // A read-only disk costs time, never the check.
      }
    },
  };
}

/** Others who may write here could have a check say what they like. */
function isOwn(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  return (process.getuid === undefined || uid === process.getuid()) && (mode & 0o022) === 0;
}

/** Remembers nothing: `--no-cache`. */
export const noCache: DiskCache = { get: () => undefined, set: () => {} };

function prune(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= maxFiles) return;
  const aged = names.map((name) => ({
    path: join(folder, name),
    at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  for (const { path } of aged.sort((a, b) => a.at - b.at).slice(0, names.length - maxFiles)) unlinkSync(path);
}

/** SHA-256 of any JSON value, hex. */
export const hashOf = (value: unknown): string =>
  createHash("sha256")
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex");
