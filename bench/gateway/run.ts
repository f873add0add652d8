/**
 * npm run bench:gateway: gateways on one core, side by side, in interleaved rounds. Options:
 *   --workloads B,C       B and C: the public benchmark's schema; P: the product before its real subgraphs (takes a minute more)
 *   --contenders stock,.. by name; without it all, and with --json those of this repository, the stock gateway and the proxy
 *   --sharing none,..     columns to measure: none, subgraph, whole
 *   --rounds 3 --seconds 2 --warm-up 2
 *   --json                one object on stdout instead of tables
 * Exits 1 when a contender answers wrongly.
 */
import { parseArgs } from "node:util";
import { checkAnswers } from "./check-answers.ts";
import { type Contender, contenders, type Sharing } from "./contenders.ts";
import { installContenders, installedVersions } from "./install-contenders.ts";
import { measureLoad } from "./measure-load.ts";
import { measureRun } from "./measure-run.ts";
import { prepareProduct } from "./prepare-product.ts";
import { callsOf, type PreparedSupergraph, prepareSupergraph } from "./prepare-supergraph.ts";
import { canPin, leaveContendersCore, type RunningProcess } from "./start-process.ts";
import { type Measurement, summaryOf } from "./summary.ts";
import { toTables } from "./tables.ts";
import { benchmarkWorkloads, requestBytes, type Workload } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    workloads: { type: "string", default: "B,C" },
    contenders: { type: "string" },
    sharing: { type: "string", default: "none,subgraph,whole" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    "warm-up": { type: "string", default: "2" },
  },
});
const durationMs = Number(options.seconds) * 1_000;
const warmUpMs = Number(options["warm-up"]) * 1_000;
const connections = { B: 50, C: 50, P: 16 } as const; // the product's subgraphs share one core with the load
const log = (line: string): void => console.error(line);
const split = (text: string): readonly string[] => text.split(",");

/** One contender before one schema, warm and stopped until its turn. */
type Entry = {
  readonly contender: Contender;
  readonly process: RunningProcess;
  readonly workloads: readonly Workload[];
  readonly token: string;
  readonly fixture?: { readonly process: RunningProcess; calls(): Promise<number> };
};

const running: { stop(): Promise<void> }[] = [];
const answers = checkAnswers();

/** The stock gateway first: it says what is right, and what all others are divided by. */
function chosen(): readonly Contender[] {
  const names = options.contenders && split(options.contenders);
  const sharings = split(options.sharing) as readonly Sharing[];
  const byDefault = ({ name, isForeign }: Contender) =>
    !options.json || (!isForeign && name !== "apollo-server" && name !== "constant body");
  const wanted = contenders.filter(
    (each) => each.name === "stock" || (sharings.includes(each.sharing) && (names ? names.includes(each.name) : byDefault(each))),
  );
  if (!wanted.some(({ isForeign }) => isForeign) || installContenders(log)) return wanted;
  log("without: mercurius, hive, hive-native");
  return wanted.filter(({ isForeign }) => !isForeign);
}

async function enter(entry: Entry): Promise<Entry> {
  const { contender, process, workloads, token } = entry;
  for (const workload of workloads) {
    await answers.check(contender, process, workload, token);
    await measureLoad({ ...loadOf(entry, workload), durationMs: warmUpMs });
  }
  process.pause();
  return entry;
}

const loadOf = ({ process: { port }, token }: Entry, { name, operations }: Workload) => ({
  port,
  connections: connections[name],
  requests: operations.map((operation) => requestBytes(operation, port, token)),
});

async function enterBenchmark(all: readonly Contender[], prepared: PreparedSupergraph): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const contender of all) {
    const workloads = wantedWorkloads.filter(({ name }) => contender.workloads.includes(name));
    if (!contender.start || workloads.length === 0) continue;
    log(`starting ${contender.name} (${contender.sharing})`);
    const process = await contender.start({ ...prepared, answers: [answers.textOf("C"), answers.textOf("B")] });
    running.push(process);
    const fixture = { process: prepared.fixture, calls: () => callsOf(prepared) };
    entries.push(await enter({ contender, process, workloads, token: prepared.token, fixture }));
  }
  return entries;
}

async function enterProduct(all: readonly Contender[], folder: string): Promise<readonly Entry[]> {
  log("starting the product's subgraphs over Postgres and Redis");
  const product = await prepareProduct({ folder });
  running.push(product);
  const entries: Entry[] = [];
  for (const contender of all) {
    if (!contender.startProduct) continue;
    log(`starting ${contender.name} (${contender.sharing}) before the product`);
    const process = await contender.startProduct(product);
    running.push(process);
    entries.push(await enter({ contender, process, workloads: [product.workload], token: product.token }));
  }
  return entries;
}

async function measureAll(entries: readonly Entry[]): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const entry of entries) {
      const { contender, process, workloads, fixture } = entry;
      process.resume();
      for (const workload of workloads) {
        const run = await measureRun({ ...loadOf(entry, workload), gateway: process, fixture, durationMs });
        log(`round ${round} ${workload.name} ${contender.name} (${contender.sharing}): ${run.perSecond.toFixed(0)}/s`);
        measurements.push({ ...run, contender: contender.name, sharing: contender.sharing, workload: workload.name, round });
      }
      process.pause();
    }
  }
  return measurements;
}

const names = split(options.workloads);
const wantedWorkloads = benchmarkWorkloads.filter(({ name }) => names.includes(name));
const entrants = chosen();
if (!canPin) log("cannot pin processes to cores here: contenders and load disturb each other, and ratios come out too small");
leaveContendersCore();
const prepared = await prepareSupergraph();
running.push(prepared.fixture);
try {
  const measurements = [
    ...(wantedWorkloads.length > 0 ? await measureAll(await enterBenchmark(entrants, prepared)) : []),
    ...(names.includes("P") ? await measureAll(await enterProduct(entrants, prepared.folder)) : []),
  ];
  const summary = summaryOf(measurements, installedVersions());
  console.log(options.json ? JSON.stringify(summary) : toTables(measurements, summary));
} finally {
  for (const process of running.reverse()) await process.stop(); // gateways before what they call
  prepared.remove();
}
