import type { Finding } from "./finding.ts";
import { plain } from "./markdown-text.ts";
import type { Report } from "./report.ts";
import { visibleReport } from "./shown-text.ts";

const groups = [
  { title: "Clients must act", match: ({ level, gate }: Finding) => level === "error" && gate !== "federation" },
  { title: "Clients may notice", match: ({ level, gate }: Finding) => level === "warning" && gate !== "federation" },
  { title: "New", match: ({ rule }: Finding) => /_ADDED$|WIDENED$/.test(rule) && !rule.startsWith("SUBGRAPH") },
  { title: "Deprecated", match: ({ rule }: Finding) => rule === "DEPRECATED" || rule === "UNDEPRECATED" },
  { title: "Between subgraphs", match: ({ gate, rule }: Finding) => gate === "federation" || rule.startsWith("SUBGRAPH") },
  { title: "Other", match: ({ rule }: Finding) => rule !== "DESCRIPTION_CHANGED" },
] as const;

/** Release notes: changes by what they mean to clients, each with the subgraph and line it comes from. */
export function renderChangelog(report: Report): string {
  const { base, head, findings } = visibleReport(report);
  const lines = [`## ${plain(base?.label ?? "nothing")} to ${plain(head.label)}`, ""];
  const told = new Set<Finding>();
  for (const { title, match } of groups) {
    const own = findings.filter((finding) => !told.has(finding) && finding.gate !== "approvals" && match(finding));
    if (own.length === 0) continue;
    lines.push(`### ${title}`, "");
    for (const finding of own) {
      told.add(finding);
      const message = finding.message
        .split("\n")[0]!
        .replace(/; no (operations are known|stored operation|recorded operation).*$/, "");
      lines.push(
        `- ${plain(message)}${finding.subgraph ? ` (${finding.subgraph}${finding.place ? `, ${plain(finding.place.file)}:${finding.place.line}` : ""})` : ""}`,
      );
    }
    lines.push("");
  }
  if (told.size === 0) lines.push("No changes that concern clients.", "");
  return `${lines.join("\n").trimEnd()}\n`;
}
