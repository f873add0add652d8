import type { Sharing } from "./contenders.ts";
import { sharings } from "./contenders.ts";
import type { Run } from "./measure-run.ts";
import type { WorkloadName } from "./workloads.ts";

/** One run of one contender. */
export type Measurement = Run & {
  readonly contender: string;
  readonly sharing: Sharing;
  readonly workload: WorkloadName;
  readonly round: number;
};

/** A contender whose answers were wrong or did not come: nothing of it counts for this workload. */
export type Failure = Pick<Measurement, "contender" | "sharing" | "workload"> & { readonly reason: string };

/** A ratio of medians, and its smallest and largest value among the rounds, each of which ran both in turn. */
export type Ratio = { readonly of: number; readonly from: number; readonly to: number };

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** What JSON.stringify would make null of, left out. */
const known = <T>(entries: readonly (readonly [string, T | undefined])[]): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

export const runsOf = (
  all: readonly Measurement[],
  workload: WorkloadName,
  contender: string,
  sharing: Sharing,
): readonly Measurement[] =>
  all.filter((each) => each.workload === workload && each.contender === contender && each.sharing === sharing);

/** How `ours` stands to `theirs` by `value`; undefined where one of them was not measured. */
export function ratio(
  ours: readonly Measurement[],
  theirs: readonly Measurement[],
  value: (run: Run) => number = ({ perSecond }) => perSecond,
): Ratio | undefined {
  if (ours.length === 0 || theirs.length === 0) return undefined;
  const rounds = ours.flatMap((run) => {
    const other = theirs.find((each) => each.round === run.round);
    return other ? [value(run) / value(other)] : [];
  });
  const of = round(median(ours.map(value)) / median(theirs.map(value)));
  if (!Number.isFinite(of)) return undefined; // nothing was answered in time, or there is no /proc
  return {
    of,
    from: round(Math.min(...rounds)),
    to: round(Math.max(...rounds)),
  };
}

const cpu = ({ cpuMsPerRequest }: Run): number => cpuMsPerRequest ?? Number.NaN;

export type SummaryInput = {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
  /** Contenders that could not be installed. */
  readonly leftOut: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
};

/** Our rates to the stock gateway's, to our bare engine's and to a bare proxy's, with what tells how far to believe them. */
export function summaryOf({ measurements: all, failures, leftOut, versions }: SummaryInput) {
  const measured = (["B", "C", "P"] as const).filter((name) => all.some(({ workload }) => workload === name));
  const perWorkload = <T>(value: (workload: WorkloadName) => T | undefined) =>
    known(measured.map((workload) => [workload, value(workload)] as const));
  const perColumn = <T>(value: (sharing: Sharing) => T | undefined) =>
    known(sharings.map((sharing) => [sharing, value(sharing)] as const));
  const ours = (workload: WorkloadName, sharing: Sharing) => runsOf(all, workload, "tributary", sharing);
  const toStock = (workload: WorkloadName, sharing: Sharing) =>
    ratio(ours(workload, sharing), runsOf(all, workload, "stock", "none"));
  return {
    ratios: perWorkload((workload) => perColumn((sharing) => toStock(workload, sharing)?.of)),
    ratioSpreads: perWorkload((workload) =>
      perColumn((sharing) => {
        const found = toStock(workload, sharing);
        return found && [found.from, found.to];
      }),
    ),
    cpuRatios: perWorkload((workload) =>
      perColumn((sharing) => ratio(ours(workload, sharing), runsOf(all, workload, "stock", "none"), cpu)?.of),
    ),
    fullGatewayToEngineAlone: perWorkload((workload) =>
      perColumn((sharing) => ratio(ours(workload, sharing), runsOf(all, workload, "engine alone", sharing))?.of),
    ),
    toBareProxy: { C: ratio(ours("C", "none"), runsOf(all, "C", "bare proxy", "none"))?.of },
    rssMb: perWorkload((workload) =>
      perColumn((sharing) => {
        const runs = ours(workload, sharing);
        return runs.length > 0 ? round(median(runs.map(({ rssMb }) => rssMb ?? Number.NaN)), 0) : undefined;
      }),
    ),
    largestSteal: round(Math.max(0, ...all.map(({ stealShare }) => stealShare ?? 0)), 3),
    failures,
    leftOut,
    versions,
  };
}
