import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../processes/run-command.ts";
import type { FindRedisOptions, RedisProgram } from "./redis-program.ts";

const downloadTimeoutMs = 120_000;

/**
 * Debian and Ubuntu: downloads redis-server with the libraries this machine lacks and unpacks them below the cache
 * folder. Needs no root and installs nothing. @throws Error when apt-get is missing or the download fails.
 */
export async function unpackRedisPackage(options: FindRedisOptions): Promise<RedisProgram> {
  const unpacked = join(options.cacheFolder, `redis-package-${process.arch}`);
  if (!existsSync(unpacked)) {
    options.report("Redis: not installed, downloading the distribution's package");
    const unfinished = `${unpacked}.${randomUUID()}`;
    mkdirSync(unfinished, { recursive: true, mode: 0o755 });
    try {
      await fillFolder(unfinished, { ...process.env, PATH: options.searchPath, LC_ALL: "C" });
      await runCommand("chmod", ["-R", "a+rX", unfinished], { timeoutMs: 10_000 });
      try {
        renameSync(unfinished, unpacked);
      } catch (error) {
        if (!existsSync(unpacked)) throw error; // else another start was quicker; its folder is as good
      }
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return programIn(unpacked);
}

function programIn(folder: string): RedisProgram {
  const libraries = ["usr/lib", "lib"]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, ...foldersIn(path)]);
  return { path: join(folder, "usr/bin/redis-server"), env: { LD_LIBRARY_PATH: libraries.join(":") } };
}

/** Multiarch libraries lie one level down, such as usr/lib/x86_64-linux-gnu. */
function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));
}

async function fillFolder(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const apt = await aptWithLists(folder, env);
  // The program is a link into redis-tools, which therefore names the libraries.
  await apt.download(["redis-server", "redis-tools"]);
  for (let round = 1; await missesLibraries(folder, env); round++) {
    const wanted = await apt.missingDependencies(round);
    if (round > 3 || wanted.length === 0) throw new Error("Some libraries of redis-server could not be found.");
    await apt.download(wanted);
  }
  rmSync(join(folder, "apt"), { recursive: true, force: true });
}

async function missesLibraries(folder: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const program = programIn(folder);
  return (await runCommand("ldd", [program.path], { env: { ...env, ...program.env }, timeoutMs: 10_000 })).includes("not found");
}

interface Apt {
  download(packages: readonly string[]): Promise<void>;
  /** Packages that redis-tools needs, `depth` levels deep, and that are not installed here. */
  missingDependencies(depth: number): Promise<string[]>;
}

/** apt with its own folders: as a normal user it may not refresh the machine's lists, and containers have none. */
async function aptWithLists(folder: string, env: NodeJS.ProcessEnv): Promise<Apt> {
  const state = join(folder, "apt");
  const archives = join(state, "archives");
  mkdirSync(join(state, "lists", "partial"), { recursive: true });
  mkdirSync(archives, { recursive: true });
  const run = (command: string, args: readonly string[], own: readonly string[]) =>
    runCommand(command, [...own, ...args], {
      cwd: archives,
      env,
      timeoutMs: downloadTimeoutMs,
    });
  const ownLists = [
    ...["-o", `Dir::State::lists=${join(state, "lists")}`, "-o", `Dir::Cache=${state}`],
    ...["-o", "APT::Sandbox::User="], // as root it would change to a user that cannot enter our folder
  ];

  let settings: readonly string[] = ["-o", "APT::Sandbox::User="];
  const policy = await run("apt-cache", ["policy", "redis-server"], settings);
  if (!/Candidate: \d/.test(policy)) {
    await run("apt-get", ["update"], ownLists);
    settings = ownLists;
  }
  return {
    async download(packages) {
      await run("apt-get", ["download", ...packages], settings);
      for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
        await run("dpkg-deb", ["-x", file, folder], []);
        rmSync(join(archives, file));
      }
    },
    async missingDependencies(depth) {
      const found = new Set<string>(["redis-tools"]);
      for (let level = 0; level < depth; level++)
        for (const name of [...found]) {
          const listed = await run("apt-cache", ["depends", "--important", name], settings);
          for (const [, dependency] of listed.matchAll(/Depends: ([a-z0-9][a-z0-9.+-]*)$/gm))
            if (dependency?.startsWith("lib")) found.add(dependency);
        }
      const wanted: string[] = [];
      for (const name of found) {
        const installed = await run("dpkg", ["-s", name], []).catch(() => "not installed");
        if (name.startsWith("lib") && !installed.includes("ok installed")) wanted.push(name);
      }
      return wanted;
    },
  };
}
