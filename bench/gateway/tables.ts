import { type Measurement, median, ratio, round, runsOf, type Summary } from "./summary.ts";

const columns = [
  "contender",
  "in-flight sharing",
  "requests/s",
  "rounds",
  "rate / stock",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "CPU ms a request",
  "RSS MB",
  "calls a request",
  "load's core",
  "steal",
];
const fullCore = 0.9;

/** A Markdown table for each workload, and the ratios that are no column. */
export function toTables(all: readonly Measurement[], summary: Summary): string {
  const lines: string[] = [];
  for (const [workload, runs] of Map.groupBy(all, (each) => each.workload)) {
    const stock = runsOf(all, workload, "stock", "none");
    lines.push("", `Workload ${workload}`, "", row(columns), row(columns.map(() => "---")));
    for (const group of Map.groupBy(runs, ({ contender, sharing }) => `${contender} ${sharing}`).values()) {
      lines.push(row(cells(group, stock)));
    }
  }
  lines.push("", `Full gateway / engine alone: ${JSON.stringify(summary.fullGatewayToEngineAlone)}`);
  lines.push(`Full gateway / bare proxy, C without sharing: ${summary.toBareProxy.C ?? "not measured"}`);
  lines.push(`CPU a request / stock: ${JSON.stringify(summary.cpuRatios)}`);
  lines.push(`Versions: ${JSON.stringify(summary.versions)}`);
  if (all.some(({ loadShare }) => (loadShare ?? 0) > fullCore))
    lines.push(`Rows whose load's core is above ${fullCore * 100} % are limited by load and fixture, not by the gateway.`);
  return lines.join("\n");
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

function cells(runs: readonly Measurement[], stock: readonly Measurement[]): readonly (string | number)[] {
  const { contender, sharing } = runs[0]!;
  const rates = runs.map(({ perSecond }) => perSecond);
  const middle = (value: (run: Measurement) => number | undefined, digits: number): number | string => {
    const values = runs.map(value).filter((each) => each !== undefined);
    return values.length > 0 ? round(median(values), digits) : "";
  };
  const percent = (value: (run: Measurement) => number | undefined): string => {
    const values = runs.map(value).filter((each) => each !== undefined);
    return values.length > 0 ? `${round(Math.max(...values) * 100, 0)} %` : "";
  };
  const toStock = ratio(runs, stock);
  return [
    contender,
    sharing,
    middle(({ perSecond }) => perSecond, 0),
    `${round(Math.min(...rates), 0)}-${round(Math.max(...rates), 0)}`,
    toStock ? `**${toStock.of}** (${toStock.from}-${toStock.to})` : "",
    middle(({ latencyMs }) => latencyMs.p50, 1),
    middle(({ latencyMs }) => latencyMs.p95, 1),
    middle(({ latencyMs }) => latencyMs.p99, 1),
    middle(({ cpuMsPerRequest }) => cpuMsPerRequest, 3),
    middle(({ rssMb }) => rssMb, 0),
    middle(({ callsPerRequest }) => callsPerRequest, 2),
    percent(({ loadShare }) => loadShare),
    percent(({ stealShare }) => stealShare),
  ];
}
