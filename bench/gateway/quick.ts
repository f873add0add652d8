/**
 * Our gateway alone, one workload and one column, for work on it:
 *   node bench/gateway/quick.ts B none [--seconds 4] [--rounds 3] [--connections 50] [--engine] [--profile FILE] [--top 30]
 * Prints CPU microseconds of the gateway's process a request, which other load on the machine disturbs less than rates.
 * `--engine` measures planner and engine without the rest, `--profile` writes a V8 CPU profile and prints what is hot.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Sharing, tributaryEnvironment } from "./contenders.ts";
import { measureLoad } from "./measure-load.ts";
import { measureRun } from "./measure-run.ts";
import { callsOf, prepareSupergraph } from "./prepare-supergraph.ts";
import { profileReport } from "./profile-report.ts";
import { leaveContendersCore, startProcess } from "./start-process.ts";
import { repeatedTraffic } from "./traffic.ts";
import { benchmarkWorkloads } from "./workloads.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "50" },
    engine: { type: "boolean", default: false },
    profile: { type: "string" },
    top: { type: "string", default: "30" },
  },
});
const [name = "B", column = "none"] = positionals;
const workload = benchmarkWorkloads.find((each) => each.name === name);
const sharing = (["none", "subgraph", "whole"] as const).find((each): each is Sharing => each === column);
if (!workload || !sharing) throw new Error("usage: quick.ts B|C none|subgraph|whole [--profile FILE]");
const durationMs = Number(options.seconds) * 1_000;
const profile = options.profile === undefined ? undefined : resolve(options.profile);

leaveContendersCore();
const prepared = await prepareSupergraph();
const here = (file: string): string => resolve(import.meta.dirname, file);
const gateway = await startProcess(
  [
    ...(profile ? ["--import", here("profile-on-signal.ts")] : []),
    here(`contenders/${options.engine ? "serve-engine.ts" : "serve-tributary.ts"}`),
  ],
  {
    core: 0,
    env: {
      BENCH_SUPERGRAPH: prepared.supergraph,
      BENCH_JWKS: prepared.jwks,
      ...tributaryEnvironment(sharing),
      ...(profile && { BENCH_PROFILE: profile }),
    },
  },
);
const traffic = repeatedTraffic(workload.operations, gateway.port, prepared.token);
const connections = Number(options.connections);
const load = (ms: number) => measureLoad({ port: gateway.port, connections, durationMs: ms, traffic });
const fixture = { process: prepared.fixture, calls: () => callsOf(prepared) };

async function measure(): Promise<void> {
  const run = await measureRun({ gateway, fixture, traffic, connections, durationMs });
  console.log(
    [
      `${name} ${sharing}: ${((run.cpuMsPerRequest ?? Number.NaN) * 1_000).toFixed(0)} us CPU a request`,
      `${run.perSecond.toFixed(0)}/s`,
      `p50 ${run.latencyMs.p50.toFixed(1)} p99 ${run.latencyMs.p99.toFixed(1)} ms`,
      `${run.callsPerRequest?.toFixed(2)} calls a request`,
      `${run.rssMb?.toFixed(0)} MB`,
      `load and fixture ${((run.loadShare ?? Number.NaN) * 100).toFixed(0)} % of a core`,
    ].join(", "),
  );
}

try {
  await load(3_000); // hot functions are compiled by then
  for (let round = 0; round < Number(options.rounds); round++) await measure();
  if (profile) {
    rmSync(profile, { force: true });
    process.kill(gateway.pid, "SIGUSR2");
    await load(durationMs);
    process.kill(gateway.pid, "SIGUSR2");
    while (!existsSync(profile)) await new Promise((done) => setTimeout(done, 20));
    console.log(profileReport(JSON.parse(readFileSync(profile, "utf8")), { top: Number(options.top) }));
  }
} finally {
  await Promise.all([gateway.stop(), prepared.fixture.stop()]);
  prepared.remove();
}
