import type { Finding } from "./finding.ts";
import type { Report } from "./report.ts";

/** JUnit XML: a suite for each gate, a failed case for each finding at or above the level that fails, an empty case for a clean gate. */
export function renderJunit(report: Report): string {
  const suites = report.gates.map(({ gate, status, summary }) => {
    const own = report.findings.filter((finding) => finding.gate === gate && !finding.approval);
    const cases = own.map((finding) => testCase(finding, fails(finding, report)));
    if (status === "skipped")
      cases.push(`    <testcase classname="${gate}" name="${gate}"><skipped message="${escapeXml(summary)}"/></testcase>`);
    else if (cases.length === 0) cases.push(`    <testcase classname="${gate}" name="${gate}"/>`);
    const failures = own.filter((finding) => fails(finding, report)).length;
    return [
      `  <testsuite name="${gate}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${status === "skipped" ? 1 : 0}" time="0">`,
      ...cases,
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="supergraph check">\n${suites.join("\n")}\n</testsuites>\n`;
}

const fails = ({ gate, level }: Finding, { failOn }: Report): boolean =>
  (gate === "compose" && level === "error") ||
  (failOn !== "never" && (level === "error" || failOn === "info" || (failOn === "warning" && level === "warning")));

function testCase({ gate, rule, coordinate, fingerprint, message, place, operations }: Finding, failed: boolean): string {
  const head = `    <testcase classname="${gate}.${escapeXml(rule)}" name="${escapeXml(`${coordinate} [${fingerprint}]`)}"${place ? ` file="${escapeXml(place.file)}" line="${place.line}"` : ""}>`;
  const where = place ? `${place.file}:${place.line}:${place.column}\n` : "";
  const used = operations.map(({ name, status, reason }) => `\n${status} ${name}: ${reason}`).join("");
  const body = failed
    ? `<failure type="${escapeXml(rule)}" message="${escapeXml(message.split("\n")[0]!)}">${escapeXml(`${where}${message}${used}`)}</failure>`
    : `<system-out>${escapeXml(`${where}${message}${used}`)}</system-out>`;
  return `${head}${body}</testcase>`;
}

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\uFFFE\uFFFF]/g, "") // all that XML 1.0 excludes beside control characters, which were made visible
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
