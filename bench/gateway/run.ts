/**
 * npm run bench:gateway: requests a second, latency and CPU of gateways on one core, side by side, on the public
 * benchmark's shape of schema. Options: --json (one object on stdout; only what is of this repository, and the stock
 * gateway), --all (the others too), --only=NAME,..., --seconds=4, --rounds=3. Exits 1 when a contender answers wrongly.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { benchmarkSubgraphs, deepOperation, smallOperation } from "../engine/benchmark-subgraphs.ts";
import { type Contender, type ContenderInput, contenders, installContenders } from "./contenders.ts";
import { measureLoad } from "./measure-load.ts";
import { canPin, leaveContendersCore, machineTimes, processUsage, type RunningProcess, startProcess } from "./start-process.ts";
import { type Measurement, ratiosOf, toTable } from "./summary.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    only: { type: "string" },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
  },
});
const log = (line: string): void => console.error(line);
const connections = 50;
const warmUpMs = 3_000;

const workloads = [
  { name: "B", query: deepOperation },
  { name: "C", query: smallOperation },
] as const;
type Workload = (typeof workloads)[number];

const chosen = contenders.filter(({ name, isForeign }) => {
  const named = options.only?.split(",");
  return name === "stock" || (named ? named.includes(name) : options.all || !options.json || !isForeign);
});
if (chosen.some(({ isForeign }) => isForeign)) installContenders(log);
if (!canPin) log("cannot pin processes to cores here: contenders and load disturb each other, and ratios come out too small");
leaveContendersCore();

const running: RunningProcess[] = [];
const expected = new Map<string, string>(); // answers by workload
const folder = mkdtempSync(join(tmpdir(), "bench-gateway-"));
async function run(): Promise<readonly Measurement[]> {
  const fixture = await startProcess([join(import.meta.dirname, "fixture/serve-fixture.ts")], { core: 1, env: {} });
  running.push(fixture);
  const { input, token } = await prepare(fixture);
  const started: { contender: Contender; process: RunningProcess }[] = [];
  for (const contender of chosen) {
    log(`starting ${contender.name} (${contender.sharing})`);
    const process = await contender.start({ ...input, answers: [expected.get("C") ?? "", expected.get("B") ?? ""] });
    running.push(process);
    started.push({ contender, process });
    for (const workload of workloadsOf(contender)) await check(contender, process, workload, token);
    for (const workload of workloadsOf(contender)) await load(process, workload, token, warmUpMs);
    process.pause();
  }
  const measurements: Measurement[] = [];
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const workload of workloads) {
      for (const { contender, process } of started) {
        if (!workloadsOf(contender).includes(workload)) continue;
        process.resume();
        const measured = await measure(process, workload, token);
        process.pause();
        log(`round ${round} ${workload.name} ${contender.name} (${contender.sharing}): ${measured.perSecond.toFixed(0)}/s`);
        measurements.push({ contender: contender.name, sharing: contender.sharing, workload: workload.name, ...measured });
      }
    }
  }
  return measurements;
}

const workloadsOf = ({ isSmallOnly }: Contender): readonly Workload[] =>
  isSmallOnly ? workloads.filter(({ name }) => name === "C") : workloads;

async function prepare(fixture: RunningProcess): Promise<{ input: Omit<ContenderInput, "answers">; token: string }> {
  const fixtureUrl = `http://127.0.0.1:${fixture.port}`;
  const subgraphs = Object.entries(benchmarkSubgraphs).map(([name, sdl]) => ({ name, url: `${fixtureUrl}/${name}`, sdl }));
  const { supergraphSdl } = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  const supergraph = join(folder, "supergraph.graphql");
  writeFileSync(supergraph, supergraphSdl ?? "");
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench" }] });
  const token = await new SignJWT({ sid: "ses_bench", scope: "tasks:read" })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "bench" })
    .setSubject("usr_bench")
    .setIssuer("benchmark")
    .setAudience("benchmark")
    .setIssuedAt()
    .setExpirationTime("2h")
    .sign(privateKey);
  return { input: { supergraph, subgraphs, fixtureUrl, jwks, folder }, token };
}

/** The stock gateway, started first, says what is right; all others must answer the same. */
async function check(contender: Contender, { port }: RunningProcess, { name, query }: Workload, token: string): Promise<void> {
  const headers = { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  const text = await response.text();
  const known = expected.get(name);
  if (known === undefined) {
    if (response.status !== 200 || text.includes('"errors"')) throw new Error(`${contender.name} fails: ${text.slice(0, 500)}`);
    expected.set(name, text);
  } else if (contender.name !== "bound: bare undici proxy" && !isDeepStrictEqual(dataOf(text), dataOf(known))) {
    throw new Error(`${contender.name} (${contender.sharing}) answers workload ${name} wrongly: ${text.slice(0, 500)}`);
  }
}

const dataOf = (text: string): unknown => (JSON.parse(text) as { data?: unknown }).data;

function load({ port }: RunningProcess, { query }: Workload, token: string, durationMs: number) {
  const body = JSON.stringify({ query });
  const head = [
    "POST /graphql HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    "accept: application/json",
    `authorization: Bearer ${token}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join("\r\n");
  return measureLoad({ port, connections, durationMs, request: Buffer.from(`${head}\r\n\r\n${body}`) });
}

async function measure(process: RunningProcess, workload: Workload, token: string) {
  const durationMs = Number(options.seconds) * 1_000;
  const [usage, machine] = [processUsage(process.pid), machineTimes()];
  const { wrong, answers, ...result } = await load(process, workload, token, durationMs);
  if (wrong > 0) throw new Error(`${wrong} of ${answers} answers were wrong`);
  const [usageAfter, machineAfter] = [processUsage(process.pid), machineTimes()];
  return {
    ...result,
    cpuMsPerRequest: usage && usageAfter ? (usageAfter.cpuMs - usage.cpuMs) / answers : undefined,
    rssMb: usageAfter?.rssMb,
    stealShare: machine && machineAfter ? (machineAfter.stolen - machine.stolen) / (machineAfter.all - machine.all) : undefined,
  };
}

try {
  const measurements = await run();
  if (options.json) console.log(JSON.stringify(ratiosOf(measurements)));
  else console.log(toTable(measurements));
} finally {
  await Promise.all(running.map((process) => process.stop()));
  rmSync(folder, { recursive: true });
}
