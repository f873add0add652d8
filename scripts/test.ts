/**
 * Everything a pull request must pass: types, lint, import boundaries, dead code, then all tests.
 * `npm test -- PLACE...` runs only the tests under those folders or files. Exits 1 at the first failing step.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const workspaces = ["contracts", "platform", "gateway", "subgraphs", "local", "cli", "tests", "bench", "scripts", "k8s"];
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

const checks = [
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "lint", command: [bin("biome"), "ci", "--error-on-warnings", "."] },
  { name: "import boundaries", command: [bin("depcruise"), ...workspaces, "--no-progress"] },
  { name: "dead code", command: [bin("knip"), "--no-progress"] },
];

const places = process.argv.slice(2);
if (places.length === 0) for (const check of checks) run(check.name, check.command);
const quickImports = join(root, "platform", "quick-imports", "index.ts");
run("tests", [
  process.execPath,
  "--import",
  quickImports,
  "--test",
  "--test-reporter=spec",
  "--test-concurrency=2",
  ...testFiles(places),
]);

function run(name: string, [command, ...args]: string[]): void {
  const startedMs = performance.now();
  console.log(`── ${name}`);
  const env = { ...process.env, NODE_ENV: "test", NODE_COMPILE_CACHE: join(root, ".data", "cache", "compile") };
  const { status, error } = spawnSync(command!, args, { cwd: root, stdio: "inherit", env });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(1);
  if (name !== "tests") console.log(`   ok, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Test files in a fixed order: quick unit tests first, so that a simple mistake shows early. */
function testFiles(places: readonly string[]): string[] {
  const patterns = (places.length > 0 ? places : workspaces).map((place) =>
    place.endsWith(".ts") ? place : `${place}/**/*.test.ts`,
  );
  const files = [...new Set(globSync(patterns, { cwd: root, exclude: (name) => name === "node_modules" }))].sort();
  if (files.length === 0) {
    console.error(`no tests under ${places.join(", ")}`);
    process.exit(1);
  }
  const rank = (file: string): number => (file.startsWith("tests/") ? 2 : file.endsWith(".stack.test.ts") ? 1 : 0);
  return files.sort((a, b) => rank(a) - rank(b));
}
