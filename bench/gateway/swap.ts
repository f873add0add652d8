/**
 * node bench/gateway/swap.ts: what requests feel of a new supergraph. The gateway on core 0 takes requests at a fixed rate
 * from core 1 while its supergraph changes; latencies count from the time a request was due. For each swap it prints the
 * p99 of calm seconds, and what it is of that in further calm seconds (what the machine does by itself), from the change of
 * the file until one second after the swap, and when the gateway's worker ends and the next one starts. A swap counts where
 * the hypervisor took less than 5 % of the machine away: more is a step of its own. Exits 1 where the median of those that
 * count is more than twice the calm p99, where fewer than three count, or where a request was not answered as it should be.
 * --rate=500 requests a second, --types=150 in the schema beside those that are asked for, --swaps=5 that count, of three
 * times as many at most.
 */
import { renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { request } from "undici";
import { measureLoad } from "./measure-load.ts";
import { prepareSupergraph } from "./prepare-supergraph.ts";
import { epochMs, type RateLoad, startRateLoad } from "./rate-load.ts";
import { leaveContendersCore, machineTimes, startProcess } from "./start-process.ts";
import { repeatedTraffic } from "./traffic.ts";

const { values: options } = parseArgs({
  options: {
    rate: { type: "string", default: "500" },
    types: { type: "string", default: "150" }, // a schema as large as a company's costs more to build
    swaps: { type: "string", default: "5" },
  },
});
const swaps = Number(options.swaps);
const attempts = swaps * 3;
const paddingTypes = Number(options.types);
const warmUp = { requests: 80_000, turnMs: 4_000, maxMs: 90_000 }; // at full speed: a gateway has run for hours when its supergraph changes
const settleIntoLoadMs = 4_000; // the load's own process gets warm
const connections = 32;
const trafficTurns = 1_000; // before it is repeated
const calmMs = 2_500;
const afterSwapMs = 1_000;
const restMs = 2_500; // the gateway's worker ends 2 s after a load
const settleMs = 200;
const probeEveryMs = 100; // each is an operation of its own, refused until the swap
const maxStep = 2;
const minCounted = 3; // fewer have no median to speak of
const maxStolenShare = 0.05;
const swapTimeoutMs = 60_000;

leaveContendersCore();
const othersBefore = await othersShare();
const prepared = await prepareSupergraph();

/** The benchmark's supergraph with many more types, and a field that tells which version it is. */
function supergraphOf(version: number): string {
  const padding = Array.from(
    { length: paddingTypes },
    (_, index) => `type Pad${index} { id: ID! name: String count(first: Int = 1): Int next: Pad${(index + 1) % paddingTypes} }`,
  );
  const extra = parse(`${padding.join("\n")} extend type Query { pad: Pad0 version${version}: String }`);
  const { supergraphSdl, errors } = composeServices(
    prepared.subgraphs.map(({ name, url, sdl }, index) => {
      const typeDefs = parse(sdl);
      const definitions = index === 0 ? [...typeDefs.definitions, ...extra.definitions] : typeDefs.definitions;
      return { name, url, typeDefs: { ...typeDefs, definitions } };
    }),
  );
  if (!supergraphSdl) throw new Error(String(errors));
  return supergraphSdl;
}

const supergraphs = Array.from({ length: attempts + 1 }, (_, version) => supergraphOf(version));
const file = join(prepared.folder, "swapped.graphql");
/** Written before it is wanted: the change itself is a rename, which takes no time of the load. */
const draft = (version: number): void => writeFileSync(`${file}.draft`, supergraphs[version] ?? "");
const change = (): void => renameSync(`${file}.draft`, file);
draft(0);
change();
const gateway = await startProcess([join(import.meta.dirname, "contenders/serve-tributary.ts")], {
  core: 0,
  env: {
    BENCH_SUPERGRAPH: file,
    BENCH_JWKS: prepared.jwks,
    BENCH_WATCH_MS: "100",
    SHARE_SUBGRAPH_QUERIES: "false",
    NODE_OPTIONS: "--v8-pool-size=1", // as on any single core: docs/decisions/v8-on-one-core.md
  },
});
const headers = { "content-type": "application/json", authorization: `Bearer ${prepared.token}` };

async function ask(query: string): Promise<{ readonly statusCode: number; readonly text: string }> {
  const body = JSON.stringify({ query });
  const answer = await request(`http://127.0.0.1:${gateway.port}/graphql`, { method: "POST", headers, body });
  return { statusCode: answer.statusCode, text: await answer.body.text() };
}

/** Operations of the same cost, so that there is something to prepare. */
const operations = Array.from({ length: 20 }, (_, index) => `query Q${index} { users { id name a${index}: username } }`);

/**
 * The second comes half as often as the first, the third a third as often, spread evenly. Clients have favourites; twenty
 * operations in equal turns would also have V8 optimise the code of all twenty in the same moment.
 */
function favouritesFirst(turns: number): readonly { readonly query: string }[] {
  const weights = operations.map((_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const due = operations.map(() => 0);
  return Array.from({ length: turns }, () => {
    for (const [index, weight] of weights.entries()) due[index]! += weight;
    const chosen = due.indexOf(Math.max(...due));
    due[chosen]! -= total;
    return { query: operations[chosen]! };
  });
}

const turns = favouritesFirst(trafficTurns);

/** Each answer of the load is compared with the first to its operation. */
async function checkFirstAnswers(): Promise<void> {
  for (const operation of operations) {
    const { statusCode, text } = await ask(operation);
    if (statusCode !== 200 || text.includes('"errors"')) throw new Error(`${operation}: ${statusCode} ${text.slice(0, 300)}`);
  }
}

async function getWarm(): Promise<void> {
  const untilMs = performance.now() + warmUp.maxMs;
  const traffic = repeatedTraffic(turns, gateway.port, prepared.token);
  let running = true;
  const askVersions = async (): Promise<void> => {
    for (; running; await delay(probeEveryMs)) await Promise.all([hasVersion(0), hasVersion(1)]);
  };
  const versionsAsked = askVersions();
  for (let answers = 0; answers < warmUp.requests && performance.now() < untilMs; ) {
    answers += (await measureLoad({ port: gateway.port, connections, durationMs: warmUp.turnMs, traffic })).answers;
  }
  running = false;
  await versionsAsked;
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const inPercent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const inMs = (value: number): string => `${value.toFixed(1)} ms`;

/** The share of all cores that is in use for a second in which this bench does nothing. */
async function othersShare(): Promise<number> {
  const read = () =>
    cpus().map(({ times }) => ({ idle: times.idle, all: Object.values(times).reduce((sum, time) => sum + time, 0) }));
  const from = read();
  await delay(1_000);
  const to = read();
  const passed = (key: "idle" | "all"): number => to.reduce((sum, core, index) => sum + core[key] - (from[index]?.[key] ?? 0), 0);
  return 1 - passed("idle") / passed("all");
}

/** Whether the supergraph in use is that version; no subgraph is asked. */
const hasVersion = async (version: number): Promise<boolean> =>
  (await ask(`{ __typename version${version} @skip(if: true) }`)).statusCode === 200;

async function untilInUse(version: number): Promise<void> {
  const deadlineMs = performance.now() + swapTimeoutMs;
  while (!(await hasVersion(version))) {
    if (performance.now() > deadlineMs) throw new Error(`the new supergraph was not in use after ${swapTimeoutMs} ms`);
    await delay(probeEveryMs);
  }
}

/** The p99 of further calm seconds, around a swap and when its worker ends, each divided by the p99 of the calm seconds. */
type Steps = { readonly control: number; readonly swap: number; readonly later: number };

type Felt = { readonly p50: number; readonly p99: number; readonly largest: number; readonly stolenShare: number };

/** Latencies from now until `over`, and what was stolen meanwhile. */
async function feel(load: RateLoad, over: () => Promise<unknown>): Promise<Felt> {
  const fromMs = epochMs();
  const before = machineTimes();
  await over();
  const toMs = epochMs();
  const after = machineTimes();
  const stolenShare = before && after ? (after.stolenMs - before.stolenMs) / (after.allMs - before.allMs) : 0;
  await delay(settleMs); // what was due last is answered
  const latencies = await load.latencies(fromMs, toMs);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), largest: percentile(latencies, 1), stolenShare };
}

const describe = ({ p50, p99, largest, stolenShare }: Felt): string =>
  `p50 ${inMs(p50)}, p99 ${inMs(p99)}, largest ${inMs(largest)} (steal ${inPercent(stolenShare)})`;

async function run(): Promise<void> {
  await checkFirstAnswers();
  await getWarm();
  const { port } = gateway;
  const load = await startRateLoad({
    port,
    token: prepared.token,
    connections,
    perSecond: Number(options.rate),
    operations: turns,
  });
  await delay(settleIntoLoadMs);
  const all: Steps[] = [];
  const counted: Steps[] = [];
  for (let version = 1; version <= attempts && counted.length < swaps; version++) {
    draft(version);
    await delay(settleMs);
    const calm = await feel(load, () => delay(calmMs));
    const control = await feel(load, () => delay(calmMs));
    let inUseAfterMs = 0;
    const swap = await feel(load, async () => {
      const changedMs = performance.now();
      change();
      await untilInUse(version);
      inUseAfterMs = performance.now() - changedMs;
      await delay(afterSwapMs);
    });
    const later = await feel(load, () => delay(restMs));
    const steps: Steps = { control: control.p99 / calm.p99, swap: swap.p99 / calm.p99, later: later.p99 / calm.p99 };
    const counts = Math.max(...[calm, control, swap].map(({ stolenShare }) => stolenShare)) < maxStolenShare;
    all.push(steps);
    if (counts) counted.push(steps);
    console.log(`swap ${version}: in use after ${inUseAfterMs.toFixed(0)} ms${counts ? "" : ", does not count"}`);
    console.log(`  calm:    ${describe(calm)}`);
    console.log(`  no swap: ${describe(control)}; p99 ${steps.control.toFixed(1)} x`);
    console.log(`  swap:    ${describe(swap)}; p99 ${steps.swap.toFixed(1)} x`);
    console.log(`  later:   ${describe(later)}; p99 ${steps.later.toFixed(1)} x`);
  }
  const { requests, lost } = await load.stop();
  console.log(`${requests} requests, ${lost} lost; p99 / p99 of the calm seconds:`);
  const told = (steps: readonly Steps[], of: keyof Steps): string => summary(steps.map((step) => step[of]));
  console.log(`  without a swap:   ${told(counted, "control")}; of all ${told(all, "control")}`);
  console.log(`  around a swap:    ${told(counted, "swap")}; of all ${told(all, "swap")}`);
  console.log(`  in the 2 s later: ${told(counted, "later")}; of all ${told(all, "later")}`);
  const step = median(counted.map(({ swap }) => swap));
  if (lost > 0 || counted.length < minCounted || step > maxStep) process.exitCode = 1;
}

const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

function summary(steps: readonly number[]): string {
  if (steps.length === 0) return "none";
  const sorted = steps.toSorted((a, b) => a - b);
  const above = sorted.filter((step) => step > maxStep).length;
  const [least, most] = [0, 1].map((share) => percentile(sorted, share).toFixed(1));
  return `median ${median(steps).toFixed(1)} (${least}-${most}), ${above} of ${steps.length} above ${maxStep}`;
}

try {
  await run();
} finally {
  await Promise.all([gateway.stop(), prepared.fixture.stop()]);
  prepared.remove();
}
console.log(`other processes had ${inPercent(othersBefore)} of the cores before, ${inPercent(await othersShare())} after`);
