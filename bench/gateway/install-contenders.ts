import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export const contendersFolder = join(import.meta.dirname, "contenders");

/** Where a package of the other gateways is, once installed. */
export const foreignPath = (path: string): string => join(contendersFolder, "node_modules", path);

export type InstallOptions = {
  readonly log: (line: string) => void;
  /** Where a package.json and its lock are. */
  readonly folder?: string;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

// A registry that cannot be reached is given up after about a minute, unless the caller's npm settings say otherwise.
const impatient = { npm_config_fetch_retries: "1", npm_config_fetch_timeout: "30000" };

const run = promisify(execFile);
const reasonLines = 5; // the command, then what npm says first

/** Installs the other gateways beside their own lock, once: users of this repository need none. False where that fails. */
export async function installContenders({
  log,
  folder = contendersFolder,
  timeoutMs = 300_000,
  environment = process.env,
}: InstallOptions): Promise<boolean> {
  if (isInstalled(folder)) return true;
  log("installing the other gateways into bench/gateway/contenders (once; about 370 packages) ...");
  try {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const env = { ...impatient, ...environment };
    await run("npm", args, { cwd: folder, env, timeout: timeoutMs, killSignal: "SIGKILL" });
    return true;
  } catch (error) {
    log(`they cannot be installed: ${reasonOf(error as FailedCommand, timeoutMs)}`);
    return false;
  }
}

type FailedCommand = Error & { readonly killed?: boolean };

const reasonOf = ({ killed, message }: FailedCommand, timeoutMs: number): string =>
  killed ? `npm was not done after ${timeoutMs / 1_000} s` : message.split("\n").slice(0, reasonLines).join("; ");

/** Whether what package.json asks for is there, whole: npm writes its hidden lock as its last act. */
function isInstalled(folder: string): boolean {
  if (!existsSync(join(folder, "node_modules/.package-lock.json"))) return false;
  return Object.entries(dependenciesOf(folder)).every(
    ([name, version]) => versionOf(join(folder, "node_modules", name)) === version,
  );
}

type Manifest = { readonly version: string; readonly dependencies?: Readonly<Record<string, string>> };

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const dependenciesOf = (folder: string): Readonly<Record<string, string>> => readManifest(folder).dependencies ?? {};
const versionOf = (folder: string): string | undefined =>
  existsSync(join(folder, "package.json")) ? readManifest(folder).version : undefined;

/** The installed versions of what is compared. */
export function installedVersions(): Readonly<Record<string, string>> {
  const ours = ["@apollo/gateway", "@apollo/server"].map((name) => [name, join(import.meta.dirname, "../../node_modules", name)]);
  const theirs = Object.keys(dependenciesOf(contendersFolder)).map((name) => [name, foreignPath(name)]);
  const versions = [...ours, ...theirs].flatMap(([name, folder]) => {
    const version = versionOf(folder!);
    return version ? [[name!, version] as const] : [];
  });
  return Object.fromEntries([["node", process.version], ...versions]);
}
