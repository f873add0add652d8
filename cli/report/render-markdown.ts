import type { Finding } from "./finding.ts";
import { code, plain } from "./markdown-text.ts";
import { verdictLine } from "./render-pretty.ts";
import type { Report } from "./report.ts";

/** Finds our own comment again when a pull request is updated. */
export const commentMarker = "<!-- supergraph-check -->";

const maxFindings = 50; // of one level; a comment holds 65,536 characters
const maxLength = 60_000;

/** The report as one comment: a verdict, the gates, the clients, details to unfold, and the command that repeats it. */
export function renderMarkdown(report: Report): string {
  const icon = { ok: "✅", warning: "⚠️", error: "❌", skipped: "➖" };
  const lines = [commentMarker, `### ${report.verdict === "safe" ? "✅" : "❌"} Schema check: ${verdictLine(report)}`, ""];
  lines.push("| | gate | result |", "|---|---|---|");
  for (const { gate, status, summary } of report.gates) lines.push(`| ${icon[status]} | ${gate} | ${plain(summary)} |`);
  lines.push("");
  if (report.clients.length > 0) {
    lines.push("| client | version | operations broken | at risk | requests/day |", "|---|---|---:|---:|---:|");
    for (const { name, version, broken, risky, requestsPerDay } of report.clients) {
      lines.push(`| ${plain(name)} | ${plain(version)} | ${broken} | ${risky} | ${requestsPerDay ?? "-"} |`);
    }
    lines.push("");
  }
  for (const [level, title] of [
    ["error", "Errors"],
    ["warning", "Warnings"],
    ["info", "Notes"],
  ] as const) {
    const own = report.findings.filter((finding) => finding.level === level && !finding.approval);
    if (own.length === 0) continue;
    lines.push(`<details${level === "error" ? " open" : ""}><summary>${title} (${own.length})</summary>`, "");
    for (const finding of own.slice(0, maxFindings)) lines.push(...renderFinding(finding));
    if (own.length > maxFindings) lines.push(`and ${own.length - maxFindings} more`);
    lines.push("</details>", "");
  }
  const approved = report.findings.filter(({ approval }) => approval !== null);
  if (approved.length > 0) {
    lines.push(`<details><summary>Approved (${approved.length})</summary>`, "");
    for (const { rule, coordinate, approval } of approved)
      lines.push(`- ${code(rule)} ${code(coordinate)} until ${approval!.expires}: ${plain(approval!.reason)}`);
    lines.push("</details>", "");
  }
  for (const note of report.notes) lines.push(`> ${plain(note)}`, "");
  lines.push(`Repeat it: ${code(`npx supergraph ${report.command}`)} · report \`${report.id}\``);
  const text = `${lines.join("\n")}\n`;
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}\n\nThe rest is left out: a comment may not be longer.\n`;
}

function renderFinding({ rule, coordinate, message, place, operations, fix, fingerprint }: Finding): string[] {
  const where = place ? ` · ${plain(place.file)}:${place.line}` : "";
  const lines = [
    `- **${rule}** ${code(coordinate)}${where} · \`${fingerprint}\``,
    ...message.split("\n").map((line) => `  ${plain(line)}`),
  ];
  if (place && place.frame.length > 0) {
    lines.push(
      "  ```graphql",
      ...place.frame.map(({ line, text, mark }) => `  ${mark ? ">" : " "} ${line} | ${text.replaceAll("```", "'''")}`),
      "  ```",
    );
  }
  for (const { name, status, clients } of operations.slice(0, 10)) {
    const users = clients
      .slice(0, 3)
      .map(
        ({ name: client, version, requestsPerDay }) =>
          `${client} ${version}${requestsPerDay === null ? "" : ` (${requestsPerDay}/day)`}`,
      );
    lines.push(`  - ${status}: ${code(name)}${users.length > 0 ? `, sent by ${plain(users.join(", "))}` : ""}`);
  }
  if (operations.length > 10) lines.push(`  - and ${operations.length - 10} more operations`);
  if (fix) lines.push(`  - fix: ${plain(fix)}`);
  return lines;
}
