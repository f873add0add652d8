import pc from "picocolors";
import type { AffectedOperation, Finding, FindingPlace } from "./finding.ts";
import type { Report } from "./report.ts";

const maxOperations = 5; // of one finding; the rest is counted
const maxInfos = 20;

/** The report for a terminal. `verbose` shows every note and operation. */
export function renderPretty(report: Report, { color, verbose }: { readonly color: boolean; readonly verbose: boolean }): string {
  const paint = pc.createColors(color);
  const lines: string[] = [];
  const { evidence } = report;
  lines.push(
    `${paint.bold("supergraph")}  ${report.changedSubgraphs.length > 0 ? `${report.changedSubgraphs.join(", ")} changed` : "no subgraph changed"}` +
      `   base ${report.base?.label ?? "none"}   evidence ${plural(evidence.operations, "operation")}, ${plural(evidence.clients, "client")}${evidence.recorded ? `, ${evidence.from?.slice(0, 10)} to ${evidence.to?.slice(0, 10)}` : ", from files"}`,
  );
  const word = { ok: paint.green("ok  "), warning: paint.yellow("warn"), error: paint.red("FAIL"), skipped: paint.dim("--  ") };
  for (const { gate, status, summary } of report.gates) lines.push(`${word[status]}  ${gate.padEnd(11)} ${summary}`);
  lines.push("");
  const infos = report.findings.filter(({ level }) => level === "info");
  const shown = verbose
    ? report.findings
    : report.findings.filter(({ level }) => level !== "info").concat(infos.slice(0, maxInfos));
  for (const finding of shown) lines.push(...renderFinding(finding, paint, verbose));
  if (!verbose && infos.length > maxInfos) lines.push(`and ${infos.length - maxInfos} more notes (--verbose shows them)`, "");
  for (const note of report.notes) lines.push(`note: ${note}`);
  if (report.clients.length > 0) {
    lines.push("client                    broken  risky  requests/day");
    for (const { name, version, broken, risky, requestsPerDay } of report.clients) {
      lines.push(
        `${`${name} ${version}`.padEnd(24)} ${String(broken).padStart(7)} ${String(risky).padStart(6)} ${(requestsPerDay === null ? "-" : requestsPerDay.toLocaleString("en-US")).padStart(13)}`,
      );
    }
    lines.push("");
  }
  lines.push(verdictLine(report, paint));
  return `${lines.join("\n")}\n`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

type Paint = ReturnType<typeof pc.createColors>;

function renderFinding(finding: Finding, paint: Paint, verbose: boolean): string[] {
  const label = finding.approval
    ? paint.dim("approved")
    : finding.level === "error"
      ? paint.red("error")
      : finding.level === "warning"
        ? paint.yellow("warn")
        : paint.cyan("note");
  const lines = [
    ` ${label}  ${paint.bold(finding.rule)}  ${finding.coordinate}${finding.subgraph ? paint.dim(` (${finding.subgraph})`) : ""}  ${paint.dim(`[${finding.fingerprint}]`)}`,
  ];
  lines.push(...finding.message.split("\n").map((line) => `   ${line}`));
  if (finding.level === "info" && !verbose) return [...lines, ""];
  for (const place of [finding.place, ...finding.related]) if (place) lines.push(...renderPlace(place, paint));
  const operations = verbose ? finding.operations : finding.operations.slice(0, maxOperations);
  for (const operation of operations) lines.push(...renderOperation(operation));
  if (operations.length < finding.operations.length)
    lines.push(`   and ${finding.operations.length - operations.length} more operations`);
  if (finding.approval) lines.push(`   approved until ${finding.approval.expires}: ${finding.approval.reason}`);
  if (finding.fix) lines.push(`   fix      ${finding.fix}`);
  if (finding.level !== "info" && finding.gate !== "compose" && !finding.approval) {
    lines.push(paint.dim(`   or       supergraph approve ${finding.fingerprint} --reason "..." --expires 14d`));
  }
  return [...lines, ""];
}

function renderPlace({ file, line, column, frame, side }: FindingPlace, paint: Paint): string[] {
  const lines = [`   ${paint.cyan(`${file}:${line}:${column}`)}${side === "base" ? " (in the base)" : ""}`];
  for (const { line: number, text, mark } of frame) {
    lines.push(`     ${mark ? ">" : " "} ${String(number).padStart(4)} | ${text}`);
    if (mark) lines.push(`            | ${" ".repeat(mark.column - 1)}${paint.red("^".repeat(mark.length))}`);
  }
  return lines;
}

function renderOperation({ name, status, reason, place, clients }: AffectedOperation): string[] {
  const lines = [`   ${status.padEnd(8)} ${name}${place ? `  ${place.file}:${place.line}:${place.column}` : ""}  ${reason}`];
  for (const { name: client, version, requestsPerDay, lastSeen } of clients.slice(0, 3)) {
    lines.push(
      `            ${client} ${version}${requestsPerDay === null ? "" : `  ${requestsPerDay.toLocaleString("en-US")} requests/day`}${lastSeen ? `  last seen ${lastSeen}` : ""}`,
    );
  }
  return lines;
}

/** `NOT SAFE: 1 error, 1 warning.  exit 1` */
export function verdictLine(report: Report, paint: Paint = pc.createColors(false)): string {
  const open = report.findings.filter(({ approval }) => approval === null);
  const count = (level: Finding["level"], word: string): string => {
    const number = open.filter((finding) => finding.level === level).length;
    return number === 0 ? "" : `${number} ${word}${number === 1 ? "" : "s"}`;
  };
  const counts =
    [count("error", "error"), count("warning", "warning"), count("info", "note")].filter((text) => text !== "").join(", ") ||
    "no findings";
  const word = {
    safe: paint.green("SAFE"),
    unsafe: paint.red("NOT SAFE"),
    "does-not-compose": paint.red("DOES NOT COMPOSE"),
    "no-evidence": paint.red("NO EVIDENCE"),
  }[report.verdict];
  const first = open.find(({ level }) => level !== "info");
  const details = first ? `  Details: supergraph explain ${first.rule}` : "";
  return `${word}: ${counts}.${details}   exit ${report.exitCode}`;
}
