import type { Location, Log, ReportingDescriptor, Result } from "sarif";
import { findRule } from "../rules/rules.ts";
import type { Finding, FindingPlace, Level } from "./finding.ts";
import type { Report } from "./report.ts";

const levels = { error: "error", warning: "warning", info: "note" } as const satisfies Record<Level, string>;

/** SARIF 2.1.0: a result for each finding; approved ones are suppressed, with their reason. */
export function renderSarif(report: Report, toolVersion: string): string {
  const ids = [...new Set(report.findings.map(({ rule }) => rule))].sort();
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "supergraph", version: toolVersion, semanticVersion: toolVersion, rules: ids.map(describeRule) },
        },
        originalUriBaseIds: { ROOT: { description: { text: "The folder of supergraph.yaml" } } },
        columnKind: "utf16CodeUnits",
        automationDetails: { id: "supergraph/check" },
        properties: { verdict: report.verdict, exitCode: report.exitCode, reportId: report.id },
        results: report.findings.map((finding) => toResult(finding, ids.indexOf(finding.rule))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function describeRule(id: string): ReportingDescriptor {
  const rule = findRule(id);
  return {
    id,
    ...(rule && { shortDescription: { text: rule.title }, fullDescription: { text: rule.why } }),
    help: { text: `supergraph explain ${id}` },
  };
}

function toResult(finding: Finding, ruleIndex: number): Result {
  const { rule, level, message, place, related, operations, fingerprint, coordinate, approval } = finding;
  const affected = operations.flatMap((operation) => (operation.place ? [operation.place] : []));
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[level],
    message: { text: message },
    locations: [
      place
        ? { ...toLocation(place), logicalLocations: [{ fullyQualifiedName: coordinate }] }
        : { logicalLocations: [{ fullyQualifiedName: coordinate }] },
    ],
    ...(related.length + affected.length > 0 && {
      relatedLocations: [...related, ...affected].map((one, index) => ({ id: index + 1, ...toLocation(one) })),
    }),
    partialFingerprints: { "supergraph/v1": fingerprint },
    ...(approval && { suppressions: [{ kind: "external", status: "accepted", justification: approval.reason }] }),
  };
}

function toLocation({ file, line, column, side, frame }: FindingPlace): Location {
  const text = frame.find(({ mark }) => mark !== null)?.text;
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file.toWellFormed()).replaceAll("#", "%23").replaceAll("?", "%3F"), uriBaseId: "ROOT" },
      region: { startLine: line, startColumn: column, ...(text !== undefined && { snippet: { text } }) },
    },
    ...(side === "base" && { message: { text: "as it was in the base" } }),
  };
}
