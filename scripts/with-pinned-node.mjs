// Runs a script with the Node version that package-lock.json pins, whatever Node (18 or newer) started this file.
// Installs the packages first when they are missing or older than the lock file. Plain JavaScript: no types to strip.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
const pinnedNode = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");

if (installIsOld()) install();
if (nodeFault()) repairNode();
run(process.argv.slice(2));

/** npm writes node_modules/.package-lock.json last; it is as new as the last finished install. */
function installIsOld() {
  const installed = modifiedMs(join(root, "node_modules", ".package-lock.json"));
  const wanted = modifiedMs(join(root, "package-lock.json"));
  if (installed >= wanted) return false;
  // A checkout touches the lock file without changing it: what counts is that every package has its version.
  return !installed || !sameVersions();
}

function sameVersions() {
  const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  const installed = read("node_modules/.package-lock.json");
  return Object.entries(read("package-lock.json")).every(
    ([path, entry]) =>
      !path.includes("node_modules/") || entry.optional || entry.link || installed[path]?.version === entry.version,
  );
}

function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function install() {
  console.error("Installing packages (npm ci) ...");
  npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], "The packages could not be installed; the lines above say why.");
}

/** Why the pinned Node does not run; empty when it does. */
function nodeFault() {
  if (!existsSync(pinnedNode)) return "it is not there";
  const { status, stderr } = spawnSync(pinnedNode, ["--version"], { encoding: "utf8" });
  return status === 0 ? "" : stderr.trim() || "it does not start";
}

/** The binary comes by an install script of the `node` package; npm may have been told to run none. So run it here. */
function repairNode() {
  const library = /loading shared libraries: (\S+?):/.exec(nodeFault())?.[1];
  if (library) fail(`The pinned Node needs ${library}: install it (Debian, Ubuntu: apt install libatomic1 libstdc++6).`);
  console.error("Setting up the pinned Node ...");
  const script = { cwd: join(root, "node_modules", "node"), stdio: ["ignore", 2, 2], env: withoutNpm(process.env) };
  spawnSync(process.execPath, ["installArchSpecificPackage.js"], script);
  const fault = nodeFault();
  if (fault) fail(`Node could not be set up for ${process.platform} on ${process.arch}: ${fault}`);
}

function npm(args, complaint) {
  // npm itself when it started us (npm start), else the one on the PATH.
  const [command, first] = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : [windows ? "npm.cmd" : "npm", []];
  const { status, error } = spawnSync(command, [...first, ...args], { cwd: root, stdio: ["ignore", 2, 2], shell: windows });
  if (error || status !== 0) fail(error ? `${complaint} (${error.message})` : complaint);
}

function run(args) {
  const [script, ...rest] = args;
  if (!script) fail("Usage: node scripts/with-pinned-node.mjs <script> [arguments]");
  const child = spawn(pinnedNode, [script, ...rest], { stdio: "inherit", env: withoutNpm(process.env) });
  // A terminal sends Ctrl-C to the whole group, so the child has it already; kill <pid> reaches only us.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  child.on("error", (error) => fail(`${script} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

/** Settings meant for the npm that started us must not reach an npm that a script may start. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_(config|lifecycle|package)_/.test(name)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
