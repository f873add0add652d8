/**
 * node bench/gateway/swap.ts: what requests feel of a new supergraph. The gateway on core 0 takes requests at a fixed rate
 * from core 1 while its supergraph changes; latencies count from the time a request was due. For each swap it prints the
 * p99 of the calm seconds before it and of the time from the change of the file until one second after the swap, the
 * largest latencies beside them, and the time the hypervisor took away: single requests are as slow in calm seconds, so a
 * step is told by the p99. Swaps are so far apart that each finds the gateway at rest, as in production. Exits 1 where a
 * swap has more than twice the calm p99, or a request was not answered.
 * --rate=500 requests a second, --types=150 in the schema beside those that are asked for, --swaps=5.
 */
import { renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { Pool } from "undici";
import { prepareSupergraph } from "./prepare-supergraph.ts";
import { leaveContendersCore, machineTimes, startProcess } from "./start-process.ts";

const { values: options } = parseArgs({
  options: {
    rate: { type: "string", default: "500" },
    types: { type: "string", default: "150" }, // a schema as large as a company's costs more to build
    swaps: { type: "string", default: "5" },
  },
});
const swaps = Number(options.swaps);
const paddingTypes = Number(options.types);
const warmUpMs = 6_000; // at full speed: a gateway has run for hours when its supergraph changes
const settleIntoLoadMs = 1_500;
const connections = 16;
const calmMs = 2_500;
const afterSwapMs = 1_000;
const restMs = 2_500; // after it, until the calm seconds before the next change: the gateway's worker ends 2 s after a load
const settleMs = 200;
const maxStep = 2;
const swapTimeoutMs = 60_000;
const requestTimeoutMs = 10_000;

type Answered = { readonly dueMs: number; readonly latencyMs: number; readonly isGood: boolean };

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

const supergraphs = Array.from({ length: swaps + 1 }, (_, version) => supergraphOf(version));
const file = join(prepared.folder, "swapped.graphql");
const change = (version: number): void => {
  writeFileSync(`${file}.draft`, supergraphs[version] ?? "");
  renameSync(`${file}.draft`, file);
};
change(0);
const gateway = await startProcess([join(import.meta.dirname, "contenders/serve-tributary.ts")], {
  core: 0,
  env: { BENCH_SUPERGRAPH: file, BENCH_JWKS: prepared.jwks, BENCH_WATCH_MS: "100", SHARE_SUBGRAPH_QUERIES: "false" },
});
const pool = new Pool(`http://127.0.0.1:${gateway.port}`, {
  connections,
  headersTimeout: requestTimeoutMs,
  bodyTimeout: requestTimeoutMs,
});
const headers = { "content-type": "application/json", authorization: `Bearer ${prepared.token}` };

async function ask(query: string): Promise<{ readonly statusCode: number; readonly text: string }> {
  const { statusCode, body } = await pool.request({ path: "/graphql", method: "POST", headers, body: JSON.stringify({ query }) });
  return { statusCode, text: await body.text() };
}

/** Twenty operations of the same cost, so that there is something to prepare. */
const operations = Array.from({ length: 20 }, (_, index) => `query Q${index} { users { id name a${index}: username } }`);
const answered: Answered[] = [];
let running = true;

async function warmUp(): Promise<void> {
  const untilMs = performance.now() + warmUpMs;
  const askInTurn = async (_: unknown, first: number): Promise<void> => {
    for (let index = first; performance.now() < untilMs; index++) await ask(operations[index % operations.length]!);
  };
  await Promise.all(Array.from({ length: connections }, askInTurn));
}

async function load(): Promise<void> {
  const intervalMs = 1_000 / Number(options.rate);
  const waiting = new Set<Promise<void>>();
  const startedMs = performance.now();
  for (let count = 0; running; count++) {
    const dueMs = startedMs + count * intervalMs;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 0.5) await delay(earlyMs);
    const request = ask(operations[count % operations.length]!)
      .then(
        ({ statusCode, text }) => statusCode === 200 && !text.includes('"errors"'),
        () => false,
      )
      .then((isGood) => void answered.push({ dueMs, latencyMs: performance.now() - dueMs, isGood }))
      .finally(() => waiting.delete(request));
    waiting.add(request);
  }
  await Promise.all(waiting);
}

const between = (fromMs: number, toMs: number): readonly number[] =>
  answered
    .filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs)
    .map(({ latencyMs }) => latencyMs)
    .sort((a, b) => a - b);
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

async function untilInUse(version: number): Promise<void> {
  const deadlineMs = performance.now() + swapTimeoutMs;
  while ((await ask(`{ version${version} }`)).statusCode !== 200) {
    if (performance.now() > deadlineMs) throw new Error(`the new supergraph was not in use after ${swapTimeoutMs} ms`);
    await delay(20);
  }
}

const stolenMs = (): number => machineTimes()?.stolenMs ?? 0;

type Felt = { readonly p50: number; readonly p99: number; readonly largest: number; readonly stealMs: number };

/** Latencies from now until `over`, and what was stolen meanwhile. */
async function feel(over: () => Promise<unknown>): Promise<Felt> {
  const fromMs = performance.now();
  const stolenBefore = stolenMs();
  await over();
  const toMs = performance.now();
  const stealMs = stolenMs() - stolenBefore;
  await delay(settleMs); // what was due last is answered
  const latencies = between(fromMs, toMs);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), largest: percentile(latencies, 1), stealMs };
}

const describe = ({ p50, p99, largest, stealMs }: Felt): string =>
  `p50 ${inMs(p50)}, p99 ${inMs(p99)}, largest ${inMs(largest)} (steal ${stealMs.toFixed(0)} ms)`;

async function run(): Promise<void> {
  await warmUp();
  const loading = load();
  await delay(settleIntoLoadMs);
  const steps: number[] = [];
  for (let version = 1; version <= swaps; version++) {
    const calm = await feel(() => delay(calmMs));
    let inUseAfterMs = 0;
    const swap = await feel(async () => {
      const changedMs = performance.now();
      change(version);
      await untilInUse(version);
      inUseAfterMs = performance.now() - changedMs;
      await delay(afterSwapMs);
    });
    steps.push(swap.p99 / calm.p99);
    console.log(`swap ${version}: in use after ${inUseAfterMs.toFixed(0)} ms`);
    console.log(`  calm: ${describe(calm)}`);
    console.log(`  swap: ${describe(swap)}; p99 ${(swap.p99 / calm.p99).toFixed(1)} x`);
    await delay(restMs);
  }
  running = false;
  await loading;
  const lost = answered.filter(({ isGood }) => !isGood).length;
  const sorted = steps.sort((a, b) => a - b);
  const median = percentile(sorted, 0.5);
  const range = `${percentile(sorted, 0).toFixed(1)}-${percentile(sorted, 1).toFixed(1)}`;
  const over = steps.filter((step) => step > maxStep).length;
  console.log(
    `${answered.length} requests, ${lost} lost; p99 around swaps / calm: median ${median.toFixed(1)} (${range}), ` +
      `${over} of ${swaps} above ${maxStep}`,
  );
  if (lost + over > 0) process.exitCode = 1;
}

try {
  await run();
} finally {
  await pool.close();
  await Promise.all([gateway.stop(), prepared.fixture.stop()]);
  prepared.remove();
}
console.log(`other processes had ${inPercent(othersBefore)} of the cores before, ${inPercent(await othersShare())} after`);
