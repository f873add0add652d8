import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const contendersFolder = join(import.meta.dirname, "contenders");

/** Where a package of the other gateways is, once installed. */
export const foreignPath = (path: string): string => join(contendersFolder, "node_modules", path);

const wanted = ["@graphql-hive/gateway", "@graphql-hive/router-runtime", "@mercuriusjs/gateway", "fastify", "mercurius"];
const installTimeoutMs = 300_000;

/** Installs the other gateways beside their own lock, once: users of this repository need none. False where that fails. */
export function installContenders(log: (line: string) => void): boolean {
  if (wanted.every((name) => existsSync(foreignPath(`${name}/package.json`)))) return true;
  log("installing the other gateways into bench/gateway/contenders (once; about 300 packages) ...");
  try {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", args, { cwd: contendersFolder, stdio: ["ignore", 2, 2], timeout: installTimeoutMs });
    return true;
  } catch (error) {
    log(`they cannot be installed: ${(error as Error).message}`);
    return false;
  }
}

/** The installed versions of what is compared. */
export function installedVersions(): Readonly<Record<string, string>> {
  const roots = [foreignPath(""), join(import.meta.dirname, "../../node_modules")];
  const versions: [string, string][] = ["@apollo/gateway", "@apollo/server", ...wanted].flatMap((name) => {
    const found = roots.map((root) => join(root, name, "package.json")).find(existsSync);
    return found ? [[name, (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version]] : [];
  });
  return Object.fromEntries([["node", process.version], ...versions]);
}
