import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { FindRedisOptions, RedisProgram } from "./redis-program.ts";
import { unpackRedisPackage } from "./unpack-redis-package.ts";

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
