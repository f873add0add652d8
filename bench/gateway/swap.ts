/**
 * node bench/gateway/swap.ts: what requests feel of a new supergraph. The gateway on core 0 takes requests at a fixed rate
 * from core 1 while its supergraph changes five times; latencies count from the time a request was due. Prints the p99
 * before, and for each swap the largest latency from the change of the file until one second after the swap. Exits 1
 * where one is above twice the p99, or a request was not answered. --rate=200 requests a second.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { Pool } from "undici";
import { prepareSupergraph } from "./prepare-supergraph.ts";
import { leaveContendersCore, startProcess } from "./start-process.ts";

const { values: options } = parseArgs({ options: { rate: { type: "string", default: "200" } } });
const swaps = 5;
const warmUpMs = 2_000;
const calmMs = 2_000;
const afterSwapMs = 1_000;
const paddingTypes = 150; // a schema as large as a company's costs more to build

type Answered = { readonly dueMs: number; readonly latencyMs: number; readonly isGood: boolean };

leaveContendersCore();
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
const pool = new Pool(`http://127.0.0.1:${gateway.port}`, { connections: 16 });
const headers = { "content-type": "application/json", authorization: `Bearer ${prepared.token}` };

async function ask(query: string): Promise<{ readonly statusCode: number; readonly text: string }> {
  const { statusCode, body } = await pool.request({ path: "/graphql", method: "POST", headers, body: JSON.stringify({ query }) });
  return { statusCode, text: await body.text() };
}

/** Twenty operations of the same cost, so that there is something to prepare. */
const operations = Array.from({ length: 20 }, (_, index) => `query Q${index} { users { id name a${index}: username } }`);
const answered: Answered[] = [];
let running = true;

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
const inMs = (value: number): string => `${value.toFixed(1)} ms`;

async function run(): Promise<void> {
  const loading = load();
  await delay(warmUpMs + calmMs);
  const calm = between(performance.now() - calmMs, Number.POSITIVE_INFINITY);
  const p99 = percentile(calm, 0.99);
  console.log(
    `before: p50 ${inMs(percentile(calm, 0.5))}, p99 ${inMs(p99)}, largest ${inMs(percentile(calm, 1))} of ${calm.length}`,
  );
  let over = 0;
  for (let version = 1; version <= swaps; version++) {
    const changedMs = performance.now();
    change(version);
    while ((await ask(`{ version${version} }`)).statusCode !== 200) await delay(20);
    const swappedMs = performance.now();
    await delay(afterSwapMs);
    const preparing = percentile(between(changedMs, swappedMs), 1);
    const after = percentile(between(swappedMs, swappedMs + afterSwapMs), 1);
    if (Math.max(preparing, after) > 2 * p99) over += 1;
    const times = `${(Math.max(preparing, after) / p99).toFixed(1)} x p99`;
    console.log(
      `swap ${version}: in use after ${(swappedMs - changedMs).toFixed(0)} ms; largest until then ${inMs(preparing)}, in the second after ${inMs(after)} (${times})`,
    );
  }
  running = false;
  await loading;
  const lost = answered.filter(({ isGood }) => !isGood).length;
  console.log(`${answered.length} requests, ${lost} without a good answer; ${over} of ${swaps} swaps above 2 x p99`);
  if (lost + over > 0) process.exitCode = 1;
}

try {
  await run();
} finally {
  await pool.close();
  await Promise.all([gateway.stop(), prepared.fixture.stop()]);
  prepared.remove();
}
