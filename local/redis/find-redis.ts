import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { ServerUser } from "../processes/server-user.ts";
import { unpackRedisPackage } from "./unpack-redis-package.ts";

export interface RedisProgram {
  readonly path: string;
  /** What it needs in its environment: LD_LIBRARY_PATH when its libraries were unpacked beside it. */
  readonly env: Readonly<Record<string, string>>;
}

export interface FindRedisOptions {
  /** Where a downloaded package is unpacked; the server user must be able to enter it. */
  readonly cacheFolder: string;
  readonly user: ServerUser | null;
  readonly searchPath: string;
  readonly report: (line: string) => void;
}

/**
 * Finds `redis-server` or `valkey-server` on the PATH; on Debian and Ubuntu downloads the distribution's package
 * without installing it (once, a few seconds). @throws Error with one line that says what to install.
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisProgram> {
  for (const name of ["redis-server", "valkey-server"]) {
    const path = options.searchPath
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(isExecutable);
    if (path) return { path, env: {} };
  }
  try {
    return await unpackRedisPackage(options);
  } catch (cause) {
    throw new Error(
      "Redis is missing: install redis-server or valkey-server (Debian, Ubuntu: apt install redis-server; " +
        "Fedora: dnf install valkey; macOS: brew install redis), or set REDIS_URL.",
      { cause },
    );
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
