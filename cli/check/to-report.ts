import { applyApprovals } from "../approvals/approvals.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { compareFindings, type Finding, type Gate, gates } from "../report/finding.ts";
import { judge, type Report, summarizeGates } from "../report/report.ts";
import { hashOf } from "../source/cache.ts";
import type { CheckRequest } from "./check-request.ts";
import { clientImpacts, compareAffected, countOperations } from "./client-impacts.ts";

/** What became of each gate. */
export interface Circumstances {
  readonly skipped: ReadonlyMap<Gate, string>;
  readonly sizes: ReadonlyMap<Gate, string>;
  readonly notes: readonly string[];
  readonly changedSubgraphs: readonly string[];
  readonly plans: Report["plans"];
}

/** The operations a check knows, counted. */
export interface KnownOperations {
  readonly operations: number;
  readonly clients: number;
}

export const countKnown = (known: readonly StoredOperation[]): KnownOperations => ({
  operations: known.length,
  clients: new Set(known.flatMap(({ clients }) => clients.map(({ name }) => name))).size,
});

/** The hash of one side, and whether it composes. */
export interface JudgedSide {
  readonly hash: string;
  readonly composes: boolean;
}

/** What readers must know of the evidence. */
export function evidenceNotes({ usage, operations: { head, base } }: CheckRequest): string[] {
  const notes: string[] = [];
  for (const [index, { place, texts }] of head.entries()) {
    if (texts.length + (base?.[index]?.texts.length ?? 0) === 0) notes.push(`${place.files} names no operation.`);
  }
  if (usage && usage.unattributed > 0)
    notes.push(
      `The usage evidence has ${usage.unattributed} requests whose operation was not recorded: what no operation uses may be used all the same.`,
    );
  return notes;
}

/** Gates nobody asked for. */
export const skippedGates = ({ only }: CheckRequest): Map<Gate, string> =>
  new Map(gates.filter((gate) => !only.has(gate)).map((gate) => [gate, "not asked for"]));

/** Levels findings by the settings, applies approvals, and judges: the report, with its exit code. */
export function toReport(
  request: CheckRequest,
  sides: { readonly base: JudgedSide | null; readonly head: JudgedSide },
  known: KnownOperations,
  found: readonly Finding[],
  { skipped, sizes, notes, changedSubgraphs, plans }: Circumstances,
): Report {
  const { only, settings, usage, failOn } = request;
  const levelled = found
    .filter(({ gate }) => only.has(gate) || gate === "compose")
    .flatMap((finding): Finding[] => {
      const level = settings.rules[finding.rule];
      const compose = finding.gate === "compose" && finding.level === "error"; // may not be talked down
      return level === undefined || compose ? [finding] : level === "off" ? [] : [{ ...finding, level }];
    })
    .map((finding) => ({ ...finding, operations: [...finding.operations].sort(compareAffected) }));
  const unique = [...new Map(levelled.map((finding) => [finding.fingerprint, finding])).values()];
  const findings = applyApprovals(unique, request.approvals, request.approvalsPath, request.today).sort(compareFindings);
  const affected = countOperations(findings, known.operations);
  const { verdict, exitCode } = judge(findings, {
    composes: sides.head.composes,
    failOn,
    evidenceMissing: request.evidenceMode === "required" && known.operations === 0,
  });
  const report: Omit<Report, "id"> = {
    version: 1,
    command: request.command,
    base: request.base && sides.base && { label: request.base.label, hash: sides.base.hash },
    head: { label: request.head.label, hash: sides.head.hash },
    failOn,
    verdict,
    exitCode,
    changedSubgraphs,
    evidence: {
      operations: known.operations,
      clients: known.clients,
      recorded: usage !== undefined,
      from: usage?.from ?? null,
      to: usage?.to ?? null,
    },
    operations: affected,
    gates: summarizeGates(findings, skipped, sizes, affected),
    plans,
    clients: clientImpacts(findings),
    findings,
    notes: [...notes],
  };
  return { ...report, id: hashOf(report).slice(0, 12) };
}
