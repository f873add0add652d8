import { measureLoad } from "./measure-load.ts";
import { machineTimes, processUsage, type RunningProcess } from "./start-process.ts";
import type { Traffic } from "./traffic.ts";

export type Run = {
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly answers: number;
  readonly cpuMsPerRequest: number | undefined;
  readonly rssMb: number | undefined;
  /** To the fixture's subgraphs. */
  readonly callsPerRequest: number | undefined;
  /** Of the run's time, what load and fixture used of their core; near 1 it is them who limit the rate. */
  readonly loadShare: number | undefined;
  /** Of the machine's time, what its hypervisor gave to others. */
  readonly stealShare: number | undefined;
};

export type RunOptions = {
  readonly gateway: RunningProcess;
  readonly traffic: Traffic;
  readonly connections: number;
  readonly durationMs: number;
  /** Absent where the subgraphs are the product's own. */
  readonly fixture?: Fixture | undefined;
};

/** The fixture's subgraphs, and how often they were called so far. */
export type Fixture = { readonly process: RunningProcess; calls(): Promise<number> };

/** Loads one gateway for a while. @throws Error when an answer is wrong */
export async function measureRun({ gateway, fixture, ...load }: RunOptions): Promise<Run> {
  const read = async () => ({
    gateway: processUsage(gateway.pid),
    fixture: fixture && processUsage(fixture.process.pid),
    own: process.cpuUsage(),
    machine: machineTimes(),
    calls: await fixture?.calls(),
    atMs: performance.now(),
  });
  const before = await read();
  const { wrong, wrongText, answers, perSecond, latencyMs } = await measureLoad({ ...load, port: gateway.port });
  const after = await read();
  if (wrong > 0) throw new Error(`${wrong} of ${answers} answers were wrong ${wrongText}`.trimEnd());
  const ownMs = (after.own.user + after.own.system - before.own.user - before.own.system) / 1_000;
  const elapsedMs = after.atMs - before.atMs;
  return {
    perSecond,
    latencyMs,
    answers,
    cpuMsPerRequest: change(before.gateway?.cpuMs, after.gateway?.cpuMs, answers),
    rssMb: after.gateway?.rssMb,
    callsPerRequest: change(before.calls, after.calls, answers),
    loadShare: change(before.fixture?.cpuMs, after.fixture && after.fixture.cpuMs + ownMs, elapsedMs),
    stealShare: change(
      before.machine?.stolenMs,
      after.machine?.stolenMs,
      (after.machine?.allMs ?? 0) - (before.machine?.allMs ?? 0),
    ),
  };
}

const change = (before: number | undefined, after: number | undefined, per: number): number | undefined =>
  before === undefined || after === undefined ? undefined : (after - before) / per;
