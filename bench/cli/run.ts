/**
 * How long `supergraph check` takes: the three subgraphs and 300 operations, in a temporary repository. Cold (nothing
 * cached), again (everything cached), and with no subgraph changed. Exits 1 when a time is above its bar.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "supergraph-bench-"));
const operationCount = 300;
const bars = { cold: 8, again: 1.5, unchanged: 0.5 } as const; // seconds, on two cores that do nothing else

/** A module that makes a process write the microseconds of CPU it took, threads included, to descriptor 3. */
const tellCpu = `data:text/javascript,${encodeURIComponent(
  'import{writeSync}from"node:fs";import{isMainThread}from"node:worker_threads";isMainThread&&process.on("exit",()=>{const{user,system}=process.cpuUsage();writeSync(3,String(user+system))})',
)}`;

const git = (...args: string[]): void => {
  execFileSync("git", ["-c", "user.name=Example", "-c", "user.email=example@example.com", ...args], {
    cwd: folder,
    stdio: "pipe",
  });
};

/** Distinct operations of the kinds clients send: every bit of the number adds a part. */
function operation(number: number): string {
  const parts = [
    "assignees { id displayName avatarUrl }",
    "labels { id name }",
    "subtasks(first: 20) { nodes { id title status } }",
    "comments(first: 20) { nodes { id body author { id displayName handle } } }",
    "watchers(first: 10) { nodes { id displayName } }",
    "creator { id handle }",
    "project { id name lead { id handle } }",
    "blockedBy { id identifier }",
    "viewerWatch",
  ];
  const chosen = parts.filter((_, index) => (number >> index) & 1).join("\n    ");
  return `query Detail${number}($id: ID!) {\n  task(ref: { id: $id }) {\n    id title status\n    ${chosen}\n  }\n}\n`;
}

function prepare(): void {
  for (const path of [
    "supergraph.yaml",
    "platform/subgraph-server/schema",
    ...["users", "tasks", "notifications"].map((name) => `subgraphs/${name}/schema`),
  ]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(folder, "operations"));
  mkdirSync(join(folder, "node_modules")); // where the cache goes
  for (let number = 1; number <= operationCount; number += 1)
    writeFileSync(join(folder, `operations/${number}.graphql`), operation(number));
  writeFileSync(join(folder, "supergraph.check.yaml"), "operations: ['operations/*.graphql']\n");
  writeFileSync(join(folder, ".gitignore"), "node_modules\n");
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "base");
}

function measure(name: keyof typeof bars): boolean {
  const startedMs = performance.now();
  const { status, stdout, stderr, output } = spawnSync(
    process.execPath,
    ["--import", tellCpu, join(root, "cli/supergraph.mjs"), "check", "--base", "main", "--fail-on", "never"],
    { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuSeconds = Number(output[3]) / 1_000_000;
  if (status !== 0) throw new Error(`${name}: exit ${status}\n${stdout}${stderr}`);
  const within = seconds <= bars[name];
  console.log(
    `${name.padEnd(10)} ${seconds.toFixed(2)} s (CPU ${cpuSeconds.toFixed(2)} s)   bar ${bars[name]} s   ${within ? "ok" : "ABOVE"}   ${stdout.match(/\d+ operations planned on both sides/)?.[0] ?? "nothing to plan"}`,
  );
  return within;
}

try {
  prepare();
  const task = join(folder, "subgraphs/tasks/schema/task.graphql");
  const text = readFileSync(task, "utf8");
  writeFileSync(task, text.replace(/^( *)dueDate: Date$/m, "$1dueDate: Date\n$1estimateHours: Int"));
  const results = [measure("cold"), measure("again")];
  writeFileSync(task, text);
  results.push(measure("unchanged"));
  if (results.includes(false)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
