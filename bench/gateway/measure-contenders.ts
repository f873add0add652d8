import type { AnswerCheck } from "./check-answers.ts";
import type { Contender } from "./contenders.ts";
import { measureLoad } from "./measure-load.ts";
import { type Fixture, measureRun } from "./measure-run.ts";
import type { RunningProcess } from "./start-process.ts";
import type { Failure, Measurement } from "./summary.ts";
import type { Traffic } from "./traffic.ts";
import type { Workload, WorkloadName } from "./workloads.ts";

/** What contenders are put before, one after another. */
export type Stage = {
  readonly workloads: readonly Workload[];
  /** Of the caller whose answers are compared. */
  readonly token: string;
  readonly fixture?: Fixture;
  /** Undefined where it cannot be measured here. */
  start(contender: Contender): Promise<RunningProcess> | undefined;
  trafficTo(port: number, workload: Workload): Promise<Traffic>;
  /** Waits until what earlier runs have left to do is done. */
  settle?(): Promise<void>;
};

export type MeasureOptions = {
  readonly answers: AnswerCheck;
  readonly rounds: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly connections: Readonly<Record<WorkloadName, number>>;
  readonly log: (line: string) => void;
};

export type Measured = { readonly measurements: readonly Measurement[]; readonly failures: readonly Failure[] };

/** A contender before one workload, stopped until its turn. */
type Row = {
  readonly contender: Contender;
  readonly process: RunningProcess;
  readonly workload: Workload;
  readonly runs: Measurement[];
  traffic?: Traffic;
};

const maxReasonCharacters = 500; // a process that does not start is told of with its output

/**
 * Starts all contenders, compares their answers, warms them up and measures them in interleaved rounds. One that cannot be
 * started, answers wrongly or not at all has a failure instead of measurements; the others go on.
 */
export async function measureContenders(
  contenders: readonly Contender[],
  stage: Stage,
  { answers, rounds, durationMs, warmUpMs, connections, log }: MeasureOptions,
): Promise<Measured> {
  const failures: Failure[] = [];
  const processes: RunningProcess[] = [];
  let rows: readonly Row[] = [];

  const fail = ({ name: contender, sharing }: Contender, workload: WorkloadName, error: unknown): void => {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, maxReasonCharacters);
    log(`${workload} ${contender} (${sharing}) failed: ${reason}`);
    failures.push({ contender, sharing, workload, reason });
  };

  async function start(contender: Contender): Promise<readonly Row[]> {
    const workloads = stage.workloads.filter(({ name }) => contender.workloads.includes(name));
    if (workloads.length === 0) return [];
    const starting = stage.start(contender);
    if (!starting) return [];
    log(`starting ${contender.name} (${contender.sharing})`);
    try {
      const process = await starting;
      processes.push(process);
      return workloads.map((workload) => ({ contender, process, workload, runs: [] }));
    } catch (error) {
      for (const { name } of workloads) fail(contender, name, error);
      return [];
    }
  }

  /** Keeps the rows for which `work` succeeds, each while only its own process runs. */
  async function keepGood(all: readonly Row[], work: (row: Row) => Promise<void>): Promise<readonly Row[]> {
    const good: Row[] = [];
    for (const row of all) {
      try {
        await stage.settle?.();
        row.process.resume();
        await work(row);
        good.push(row);
      } catch (error) {
        fail(row.contender, row.workload.name, error);
      } finally {
        row.process.pause();
      }
    }
    return good;
  }

  const loadOf = ({ process: { port }, workload: { name }, traffic }: Row) => ({
    port,
    connections: connections[name],
    traffic: traffic!,
  });

  async function warmUp(row: Row): Promise<void> {
    row.traffic = await stage.trafficTo(row.process.port, row.workload);
    const { wrong, wrongText } = await measureLoad({ ...loadOf(row), durationMs: warmUpMs });
    if (wrong > 0) throw new Error(`${wrong} wrong answers while it was warmed up ${wrongText}`.trimEnd());
  }

  async function measure(row: Row, round: number): Promise<void> {
    const { contender, process, workload } = row;
    const run = await measureRun({ ...loadOf(row), gateway: process, fixture: stage.fixture, durationMs });
    log(`round ${round} ${workload.name} ${contender.name} (${contender.sharing}): ${run.perSecond.toFixed(0)}/s`);
    row.runs.push({ ...run, contender: contender.name, sharing: contender.sharing, workload: workload.name, round });
  }

  try {
    for (const contender of contenders) {
      const check = ({ process, workload }: Row) => answers.check(contender, process, workload, stage.token);
      rows = [...rows, ...(await keepGood(await start(contender), check))];
    }
    rows = await keepGood(rows, warmUp); // only now is anything written
    for (let round = 1; round <= rounds; round++) rows = await keepGood(rows, (row) => measure(row, round));
    return { measurements: rows.flatMap(({ runs }) => runs), failures };
  } finally {
    for (const process of processes) await process.stop();
  }
}
