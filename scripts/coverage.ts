/**
 * Line coverage of the core (engine, live, commands, outbox) by the tests that run it in their own process.
 * `npm run coverage`; exits 1 below 90 %.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const core = ["gateway/engine", "gateway/live", "subgraphs/*/commands", "platform/outbox"];
const tests = ["gateway/{engine,live}", "platform/outbox", "subgraphs/*"];
const leftOut = ["**/*.test.ts", "**/testing/**", "**/test-*.ts"];
const minLinePercent = 90;

const files = globSync(
  tests.map((place) => `${place}/**/*.test.ts`),
  { cwd: root, exclude: (name) => name === "node_modules" },
);
const { status } = spawnSync(
  process.execPath,
  [
    ...[
      "--import",
      join(root, "platform", "quick-imports", "index.ts"),
      "--test",
      "--test-reporter=spec",
      "--test-concurrency=2",
    ],
    ...["--experimental-test-coverage", `--test-coverage-lines=${minLinePercent}`],
    ...core.map((place) => `--test-coverage-include=${place}/**`),
    ...leftOut.map((place) => `--test-coverage-exclude=${place}`),
    ...files,
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, NODE_ENV: "test" } },
);
process.exit(status ?? 1);
