/**
 * npm run bench:gateway: requests a second, latency and CPU of gateways on one core, side by side, on the public
 * benchmark's shape of schema. Options: --json (one object on stdout; only what is of this repository, and the stock
 * gateway), --all (the others too), --only=NAME,..., --seconds=4, --rounds=3. Exits 1 when a contender answers wrongly.
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { type Contender, contenders, installContenders } from "./contenders.ts";
import { measureLoad } from "./measure-load.ts";
import { prepareSupergraph } from "./prepare-supergraph.ts";
import { canPin, leaveContendersCore, machineTimes, processUsage, type RunningProcess } from "./start-process.ts";
import { type Measurement, ratiosOf, toTable } from "./summary.ts";
import { requestBytes, type Workload, workloads } from "./workloads.ts";

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

const chosen = contenders.filter(({ name, isForeign }) => {
  const named = options.only?.split(",");
  return name === "stock" || (named ? named.includes(name) : options.all || !options.json || !isForeign);
});
if (chosen.some(({ isForeign }) => isForeign)) installContenders(log);
if (!canPin) log("cannot pin processes to cores here: contenders and load disturb each other, and ratios come out too small");
leaveContendersCore();

const prepared = await prepareSupergraph();
const running: RunningProcess[] = [prepared.fixture];
const expected = new Map<string, string>(); // answers by workload
async function run(): Promise<readonly Measurement[]> {
  const { token, ...input } = prepared;
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

const load = ({ port }: RunningProcess, workload: Workload, token: string, durationMs: number) =>
  measureLoad({ port, connections, durationMs, request: requestBytes(workload, port, token) });

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
  prepared.remove();
}
