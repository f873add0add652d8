/**
 * node bench/gateway/cold-operations.ts [--planner=native|apollo] [--only=NAME,...]: how long the event loop of a gateway
 * that has just started is held up by the first request for an operation. Each of operations/ runs in a process of its own:
 * parsed, validated, planned, run and compiled; subgraphs answer nothing. Prints the CPU time of the longest block of each.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createExecutor } from "@tributary/gateway/engine/index";
import { defaultOperationLimits } from "@tributary/gateway/limits/index";
import { createOperations, createPrepareGeneration } from "@tributary/gateway/operations/index";
import { choosePlanner, createApolloPlanner } from "@tributary/gateway/planner/index";
import { startSupergraphManager } from "@tributary/gateway/supergraph/index";
import { Cancellation } from "@tributary/platform/cancellation";
import { createLogger } from "@tributary/platform/telemetry";

const { values: options } = parseArgs({
  options: {
    planner: { type: "string" },
    only: { type: "string" },
    operation: { type: "string" },
    cache: { type: "string" },
  },
});
const root = join(import.meta.dirname, "../..");
const maxBlockMs = 20;

type Block = { readonly phase: string; readonly cpuMs: number };

/** Gives every block of work between two turns of the event loop, as CPU time: other processes do not count. */
function watchBlocks() {
  const blocks: Block[] = [];
  let phase = "start";
  let running = true;
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let beforeMs = cpu();
  const turn = (): void => {
    const nowMs = cpu();
    if (nowMs - beforeMs > 0.5) blocks.push({ phase, cpuMs: nowMs - beforeMs });
    beforeMs = nowMs;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return {
    async during<T>(name: string, work: () => T | Promise<T>): Promise<T> {
      await settle();
      phase = name;
      const result = await work();
      await settle();
      phase = "between";
      return result;
    },
    stop(): readonly Block[] {
      running = false;
      return blocks;
    },
  };
}

async function measureHere(name: string, chosen: "native" | "apollo", cacheFolder: string): Promise<void> {
  const query = readFileSync(join(root, "operations", `${name}.graphql`), "utf8");
  const silent = { info: () => {}, warn: () => {}, error: (fields: object, text: string) => console.error(text, fields) };
  const stops: (() => Promise<void>)[] = [];
  const watch = watchBlocks();
  const { supergraph, worker } = startSupergraphManager({
    source: join(root, "supergraph.yaml"),
    cacheFolder,
    logger: silent,
    lifecycle: { onStop: (_, stop) => void stops.push(stop) },
  });
  const general = createApolloPlanner({ worker });
  const planner = choosePlanner({ choice: chosen === "native" ? "auto" : "apollo", general });
  const operations = createOperations({ planner, limits: defaultOperationLimits, hideSuggestions: true });
  const executor = createExecutor();
  const logger = createLogger({ service: "bench", level: "silent" });
  supergraph.beforeSwap(createPrepareGeneration({ operations, executor, planner, supergraph, logger }));
  const generation = await watch.during("start", () => supergraph.ready());
  const record = await watch.during("load", () => operations.load({ generation, query }));
  const plan = await watch.during("plan", () => record.plan());
  const request = {
    record: record.shape,
    plan,
    variables: { ...record.lifted },
    fetch: async () => ({ data: null }),
    signal: new Cancellation(),
  };
  for (const phase of ["first run", "second run", "compile"]) {
    await watch.during(phase, () =>
      plan.node?.kind === "Subscription"
        ? executor.executeEvent({ ...request, event: { data: null } })
        : executor.execute(request),
    );
  }
  console.log(JSON.stringify(watch.stop()));
  for (const stop of stops) await stop();
}

function measureAll(): void {
  const cache = mkdtempSync(join(tmpdir(), "cold-operations-"));
  const names = readdirSync(join(root, "operations")).map((file) => basename(file, ".graphql"));
  const chosen = names.filter((name) => options.only?.split(",").includes(name) ?? true);
  const phases = ["start", "load", "plan", "first run", "second run", "compile"];
  let slow = 0;
  try {
    for (const planner of ["native", "apollo"].filter((each) => each === (options.planner ?? each))) {
      console.log(`\n${planner} planner, longest block in ms of CPU${phases.map((phase) => phase.padStart(12)).join("")}`);
      for (const name of chosen) {
        const args = [import.meta.filename, `--operation=${name}`, `--planner=${planner}`, `--cache=${cache}`];
        const output = execFileSync(process.execPath, ["--no-warnings", ...args], {
          env: { ...process.env, NODE_ENV: "production" },
          encoding: "utf8",
        });
        const blocks = JSON.parse(output) as readonly Block[];
        const longest = (phase: string): number =>
          Math.max(0, ...blocks.filter((each) => each.phase === phase).map(({ cpuMs }) => cpuMs));
        const cells = phases.map((phase) => longest(phase).toFixed(1).padStart(12));
        const worst = Math.max(...phases.slice(1).map(longest));
        if (worst > maxBlockMs) slow += 1;
        console.log(`${name.padEnd(36)}${worst.toFixed(1).padStart(6)} ms${cells.join("")}`);
      }
    }
  } finally {
    rmSync(cache, { recursive: true });
  }
  if (slow > 0) {
    console.log(`\n${slow} operations hold up the event loop for more than ${maxBlockMs} ms`);
    process.exitCode = 1;
  }
}

if (options.operation && options.cache) {
  await measureHere(options.operation, options.planner === "apollo" ? "apollo" : "native", options.cache);
} else measureAll();
