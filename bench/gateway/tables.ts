import { type Measurement, median, ratio, round, runsOf, type SummaryInput, summaryOf } from "./summary.ts";

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

/** A Markdown table for each workload, with what failed as rows of its own, and the ratios that are no column. */
export function toTables(input: SummaryInput): string {
  const { measurements: all, failures, leftOut } = input;
  const summary = summaryOf(input);
  const lines: string[] = [];
  for (const workload of new Set([...all, ...failures].map((each) => each.workload))) {
    const stock = runsOf(all, workload, "stock", "none");
    lines.push("", `Workload ${workload}`, "", row(columns), row(columns.map(() => "---")));
    const runs = all.filter((each) => each.workload === workload);
    for (const group of Map.groupBy(runs, ({ contender, sharing }) => `${contender} ${sharing}`).values()) {
      lines.push(row(cells(group, stock)));
    }
    for (const { contender, sharing } of failures.filter((each) => each.workload === workload)) {
      lines.push(row([contender, sharing, "failed", ...columns.slice(3).map(() => "")]));
    }
  }
  lines.push("", `Full gateway / engine alone: ${JSON.stringify(summary.fullGatewayToEngineAlone)}`);
  lines.push(`Full gateway / bare proxy, C without sharing: ${summary.toBareProxy.C ?? "not measured"}`);
  lines.push(`CPU a request / stock: ${JSON.stringify(summary.cpuRatios)}`);
  lines.push(`Versions: ${JSON.stringify(summary.versions)}`);
  for (const { workload, contender, sharing, reason } of failures)
    lines.push(`Failed before workload ${workload}: ${contender} (${sharing}): ${reason.replaceAll("\n", " ")}`);
  if (leftOut.length > 0) lines.push(`Left out, they could not be installed: ${leftOut.join(", ")}`);
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
