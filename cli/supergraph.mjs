#!/usr/bin/env node
// Starts the `supergraph` command on the Node version the repository pins, whatever Node (18 or newer) runs this file.
// Plain JavaScript: an older Node must be able to read it. Exit 2: the pinned Node is not installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as module from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "main.ts");
const pinned = findPinnedNode();

if (!pinned || pinned.version === process.versions.node) {
  if (Number(process.versions.node.split(".")[0]) < 24)
    fail("The pinned Node is not installed: run `npm ci` in the repository first.");
  // Before the first TypeScript is read: stripping its types takes as long as all else a short command does.
  module.enableCompileCache?.();
  await import(main);
} else {
  const child = spawn(pinned.binary, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${pinned.binary}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 70)));
}

function findPinnedNode() {
  try {
    const manifest = module.createRequire(join(here, "package.json")).resolve("node/package.json");
    const binary = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(binary) ? { binary, version: JSON.parse(readFileSync(manifest, "utf8")).version } : undefined;
  } catch {
    return undefined; // no such package here: the Node at hand decides
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
