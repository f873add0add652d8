/**
 * npm run bench:gateway: gateways on one core, side by side, in interleaved rounds. Options:
 *   --workloads B,C       B and C: the public benchmark's schema; P: the product before its real subgraphs (takes two minutes more)
 *   --contenders stock,.. by name; without it all, and with --json those of this repository, the stock gateway and the proxy
 *   --sharing none,..     columns to measure: none, subgraph, whole
 *   --rounds 3 --seconds 2 --warm-up 4     of each run; P takes three times as long
 *   --json                one object on stdout instead of tables
 * Exits 1 when a contender fails: its row says so, the others are measured all the same.
 */
import { parseArgs } from "node:util";
import { checkAnswers } from "./check-answers.ts";
import { sharings as allSharings, type Contender, contenders } from "./contenders.ts";
import { installContenders, installedVersions } from "./install-contenders.ts";
import { type Measured, type MeasureOptions, measureContenders, type Stage } from "./measure-contenders.ts";
import { prepareProduct } from "./prepare-product.ts";
import { callsOf, type PreparedSupergraph, prepareSupergraph } from "./prepare-supergraph.ts";
import { canPin, leaveContendersCore } from "./start-process.ts";
import { summaryOf } from "./summary.ts";
import { toTables } from "./tables.ts";
import { repeatedTraffic } from "./traffic.ts";
import { benchmarkWorkloads } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    workloads: { type: "string", default: "B,C" },
    contenders: { type: "string" },
    sharing: { type: "string", default: "none,subgraph,whole" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    "warm-up": { type: "string", default: "4" },
  },
});
const log = (line: string): void => console.error(line);

/** The values of a list option. @throws Error for one that is not known */
function listOf<T extends string>(option: string, text: string, known: readonly T[]): readonly T[] {
  const isKnown = (value: string): value is T => known.some((each) => each === value);
  return text.split(",").map((value) => {
    if (!isKnown(value)) throw new Error(`--${option}: ${value} is none of ${[...new Set(known)].join(", ")}`);
    return value;
  });
}

const workloads = listOf("workloads", options.workloads, ["B", "C", "P"] as const);
const sharings = listOf("sharing", options.sharing, allSharings);
const allNames = contenders.map(({ name }) => name);
const names = options.contenders === undefined ? undefined : listOf("contenders", options.contenders, allNames);

/** The stock gateway first: it says what is right, and what all others are divided by. */
async function chosen(): Promise<{ readonly entrants: readonly Contender[]; readonly leftOut: readonly string[] }> {
  const isDefault = ({ name, isForeign }: Contender) =>
    !options.json || (!isForeign && name !== "apollo-server" && name !== "constant body");
  const wanted = contenders.filter(
    (each) => each.name === "stock" || (sharings.includes(each.sharing) && (names ? names.includes(each.name) : isDefault(each))),
  );
  const foreign = new Set(wanted.filter(({ isForeign }) => isForeign).map(({ name }) => name));
  if (foreign.size === 0 || (await installContenders({ log }))) return { entrants: wanted, leftOut: [] };
  log(`left out: ${[...foreign].join(", ")}`);
  return { entrants: wanted.filter(({ isForeign }) => !isForeign), leftOut: [...foreign] };
}

const measuring: MeasureOptions = {
  answers: checkAnswers(),
  rounds: Number(options.rounds),
  durationMs: Number(options.seconds) * 1_000,
  warmUpMs: Number(options["warm-up"]) * 1_000,
  connections: { B: 50, C: 50, P: 16 }, // the product's subgraphs share one core with the load
  log,
};
const productTimes = 3; // longer: before the product fewer requests are answered in a second
const nothing: Measured = { measurements: [], failures: [] };

function measureBenchmark(entrants: readonly Contender[], prepared: PreparedSupergraph): Promise<Measured> {
  const { fixture, token } = prepared;
  const { answers } = measuring;
  const stage: Stage = {
    workloads: benchmarkWorkloads.filter(({ name }) => workloads.includes(name)),
    token,
    fixture: { process: fixture, calls: () => callsOf(prepared) },
    start: ({ start }) => start?.({ ...prepared, answers: [answers.textOf("C"), answers.textOf("B")] }),
    trafficTo: async (port, { operations }) => repeatedTraffic(operations, port, token),
  };
  return stage.workloads.length === 0 ? Promise.resolve(nothing) : measureContenders(entrants, stage, measuring);
}

async function measureProduct(entrants: readonly Contender[], folder: string): Promise<Measured> {
  if (!workloads.includes("P")) return nothing;
  log("starting the product's subgraphs over Postgres and Redis");
  const product = await prepareProduct({ folder });
  const stage: Stage = {
    workloads: [product.workload],
    token: product.token,
    start: ({ startProduct }) => startProduct?.(product),
    trafficTo: (port) => product.trafficTo(port),
    settle: product.settle,
  };
  try {
    const { durationMs, warmUpMs } = measuring;
    const longer = { ...measuring, durationMs: productTimes * durationMs, warmUpMs: productTimes * warmUpMs };
    return await measureContenders(entrants, stage, longer);
  } finally {
    await product.stop();
  }
}

const { entrants, leftOut } = await chosen();
if (!canPin) log("cannot pin processes to cores here: contenders and load disturb each other, and ratios come out too small");
leaveContendersCore();
const prepared = await prepareSupergraph();
try {
  const all = [await measureBenchmark(entrants, prepared), await measureProduct(entrants, prepared.folder)];
  const failures = all.flatMap((each) => each.failures);
  const measurements = all.flatMap((each) => each.measurements);
  const input = { measurements, failures, leftOut, versions: installedVersions() };
  console.log(options.json ? JSON.stringify(summaryOf(input)) : toTables(input));
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await prepared.fixture.stop();
  prepared.remove();
}
