import { createHash } from "node:crypto";
import type { Finding, Level } from "./finding.ts";
import { verdictLine } from "./render-pretty.ts";
import type { Report } from "./report.ts";

const maxPerLevel = 10; // what GitHub shows of one step

/** Workflow commands of GitHub Actions: at most ten annotations of a level, those with the most operations first. */
export function renderGithub(report: Report): string {
  const lines: string[] = [];
  for (const level of ["error", "warning", "info"] as const) {
    const own = open(report)
      .filter((finding) => finding.level === level)
      .sort((a, b) => b.operations.length - a.operations.length);
    for (const finding of own.slice(0, maxPerLevel)) lines.push(annotation(finding));
    if (own.length > maxPerLevel) lines.push(`and ${own.length - maxPerLevel} more of level ${level} in the summary`);
  }
  return `${[...lines, verdictLine(report)].join("\n")}\n`;
}

const open = ({ findings }: Report): Finding[] => findings.filter(({ approval }) => approval === null);

const commands: Record<Level, string> = { error: "error", warning: "warning", info: "notice" };

function annotation({ level, rule, coordinate, message, place, operations, fix, fingerprint }: Finding): string {
  // A line that is gone cannot be annotated in the new file; its message names it.
  const at = place && place.side !== "base" ? [`file=${property(place.file)}`, `line=${place.line}`, `col=${place.column}`] : [];
  const used =
    operations.length > 0
      ? `\nAffects ${operations
          .map(({ name }) => name)
          .slice(0, 5)
          .join(", ")}`
      : "";
  const base = place?.side === "base" ? `\nWas at ${place.file}:${place.line}` : "";
  const text = `${message}${used}${base}${fix ? `\nFix: ${fix}` : ""}\n[${fingerprint}]`;
  return `::${commands[level]} ${[...at, `title=${property(`${rule} ${coordinate}`)}`].join(",")}::${data(text)}`;
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** GitLab's code quality report. */
export function renderGitlab(report: Report): string {
  const severity: Record<Level, string> = { error: "critical", warning: "major", info: "info" };
  const issues = open(report).map(({ rule, level, coordinate, message, place, fingerprint }) => ({
    description: `${rule} ${coordinate}: ${message.split("\n")[0]}`,
    check_name: rule,
    fingerprint: createHash("sha256").update(fingerprint).digest("hex").slice(0, 32), // GitLab expects the length of an MD5
    severity: severity[level],
    location: { path: place?.file ?? "supergraph.yaml", lines: { begin: place?.line ?? 1 } },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}
