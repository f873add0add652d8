import type { Sharing } from "./contenders.ts";
import { versionsOf } from "./contenders.ts";

/** One run of one contender. */
export type Measurement = {
  readonly contender: string;
  readonly sharing: Sharing;
  readonly workload: "B" | "C";
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly cpuMsPerRequest: number | undefined;
  readonly rssMb: number | undefined;
  /** Of the machine's time during the run, what its hypervisor gave to others. */
  readonly stealShare: number | undefined;
};

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};
const defined = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

type Find = (contender: string, sharing: Sharing, workload: "B" | "C") => readonly Measurement[];
const finder =
  (all: readonly Measurement[]): Find =>
  (contender, sharing, workload) =>
    all.filter((each) => each.contender === contender && each.sharing === sharing && each.workload === workload);

const rate = (runs: readonly Measurement[]): number => median(runs.map(({ perSecond }) => perSecond));

/** Our rates divided by the stock gateway's, medians of the rounds; ours to the bare engine and to the bare proxy; the noise. */
export function ratiosOf(all: readonly Measurement[]) {
  const find = finder(all);
  const toStock = (workload: "B" | "C", sharing: Sharing): number =>
    round(rate(find("tributary", sharing, workload)) / rate(find("stock", "none", workload)));
  const row = (workload: "B" | "C") => ({
    none: toStock(workload, "none"),
    subgraph: toStock(workload, "subgraph"),
    whole: toStock(workload, "whole"),
  });
  const versus = (contender: string, workload: "B" | "C"): number | null => {
    const ratio = rate(find("tributary", "none", workload)) / rate(find(contender, "none", workload));
    return Number.isNaN(ratio) ? null : round(ratio);
  };
  return {
    ratios: { B: row("B"), C: row("C") },
    fullGatewayToEngineAlone: { B: versus("engine alone", "B"), C: versus("engine alone", "C") },
    toBareProxy: { C: versus("bound: bare undici proxy", "C") },
    toMercurius: { B: versus("mercurius, jit", "B"), C: versus("mercurius, jit", "C") },
    spread: round(Math.max(...groups(all).map(spreadOf)), 3),
    steal: round(Math.max(0, ...defined(all.map(({ stealShare }) => stealShare))), 3),
    node: process.version,
  };
}

const groups = (all: readonly Measurement[]): readonly (readonly Measurement[])[] => [
  ...Map.groupBy(all, ({ contender, sharing, workload }) => `${workload} ${contender} ${sharing}`).values(),
];

/** How far the rounds are apart, as a share of their median. */
const spreadOf = (runs: readonly Measurement[]): number => {
  const rates = runs.map(({ perSecond }) => perSecond);
  return (Math.max(...rates) - Math.min(...rates)) / median(rates);
};

/** A Markdown table of ratios to the stock gateway, with latencies relative to it as well: absolute numbers say little elsewhere. */
export function toTable(all: readonly Measurement[]): string {
  const find = finder(all);
  const lines: string[] = [];
  for (const workload of ["B", "C"] as const) {
    const stock = find("stock", "none", workload);
    const stockP99 = median(stock.map(({ latencyMs }) => latencyMs.p99));
    lines.push(
      "",
      workload === "B" ? "Workload B: the deep query, 86 kB" : "Workload C: one small fetch",
      "",
      "| contender | in-flight sharing | rate / stock | p99 / stock | CPU ms a request | RSS MB | spread | steal |",
      "|---|---|---|---|---|---|---|---|",
    );
    for (const runs of groups(all.filter((each) => each.workload === workload))) {
      const { contender, sharing } = runs[0]!;
      const cells = [
        contender,
        sharing,
        `**${round(rate(runs) / rate(stock), 1)}**`,
        round(median(runs.map(({ latencyMs }) => latencyMs.p99)) / stockP99, 3),
        round(median(defined(runs.map(({ cpuMsPerRequest }) => cpuMsPerRequest))), 3),
        round(median(defined(runs.map(({ rssMb }) => rssMb))), 0),
        `${round(spreadOf(runs) * 100, 0)} %`,
        `${round(Math.max(0, ...defined(runs.map(({ stealShare }) => stealShare))) * 100, 1)} %`,
      ];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  const { fullGatewayToEngineAlone: engine } = ratiosOf(all);
  lines.push("", `The full gateway does ${engine.B} (B) and ${engine.C} (C) of what its engine alone does.`);
  const packages = [
    "@apollo/gateway",
    "@apollo/server",
    "mercurius",
    "@mercuriusjs/gateway",
    "@graphql-hive/gateway",
    "@graphql-hive/router-runtime",
  ];
  lines.push(`Node ${process.version}; ${versionsOf(packages)}.`);
  return lines.join("\n");
}
