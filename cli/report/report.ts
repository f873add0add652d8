import { exitCodes } from "../exit-codes.ts";
import { type Finding, type Gate, gates, type Level, reaches } from "./finding.ts";

export type GateStatus = "ok" | "warning" | "error" | "skipped";

export interface GateResult {
  readonly gate: Gate;
  readonly status: GateStatus;
  readonly summary: string;
}

/** How many requests an operation takes, and in how many rounds, before and after. */
export interface PlanComparison {
  readonly operation: string;
  readonly hash: string;
  readonly base: PlanSize;
  readonly head: PlanSize;
}

export interface PlanSize {
  readonly fetches: number;
  readonly depth: number;
  /** Name and version. */
  readonly planner: string;
}

export interface ClientImpact {
  readonly name: string;
  readonly version: string;
  readonly broken: number;
  readonly risky: number;
  readonly requestsPerDay: number | null;
}

/** Everything a check found. No times of the run in it: the same inputs give the same bytes. */
export interface Report {
  readonly version: 1;
  /** SHA-256 of the rest, 12 hex: what `publish` refers to. */
  readonly id: string;
  readonly command: string;
  readonly base: { readonly label: string; readonly hash: string } | null;
  readonly head: { readonly label: string; readonly hash: string };
  readonly failOn: Level | "never";
  readonly verdict: "safe" | "unsafe" | "does-not-compose" | "no-evidence";
  readonly exitCode: number;
  readonly changedSubgraphs: readonly string[];
  readonly evidence: {
    readonly operations: number;
    readonly clients: number;
    readonly recorded: boolean;
    readonly from: string | null;
    readonly to: string | null;
  };
  readonly operations: {
    readonly broken: number;
    readonly risky: number;
    readonly slower: number;
    readonly costlier: number;
    readonly unaffected: number;
  };
  readonly gates: readonly GateResult[];
  /** Of every operation that both sides plan; none when the supergraph is the same. */
  readonly plans: readonly PlanComparison[];
  readonly clients: readonly ClientImpact[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

export interface Verdict {
  readonly verdict: Report["verdict"];
  readonly exitCode: number;
}

/** The verdict and the exit code, from the findings alone. */
export function judge(
  findings: readonly Finding[],
  { composes, failOn, evidenceMissing }: { composes: boolean; failOn: Level | "never"; evidenceMissing: boolean },
): Verdict {
  if (!composes) return { verdict: "does-not-compose", exitCode: exitCodes.doesNotCompose };
  if (evidenceMissing) return { verdict: "no-evidence", exitCode: exitCodes.noEvidence };
  const open = findings.filter(({ approval, level }) => approval === null && failOn !== "never" && reaches(level, failOn));
  return open.length > 0 ? { verdict: "unsafe", exitCode: exitCodes.findings } : { verdict: "safe", exitCode: exitCodes.safe };
}

/** One line for each gate; gates that did not run say why. */
export function summarizeGates(
  findings: readonly Finding[],
  skipped: ReadonlyMap<Gate, string>,
  sizes: ReadonlyMap<Gate, string>,
  operations: Report["operations"],
): GateResult[] {
  return gates.map((gate) => {
    const reason = skipped.get(gate);
    if (reason !== undefined) return { gate, status: "skipped", summary: reason };
    const own = findings.filter((finding) => finding.gate === gate && finding.approval === null);
    const errors = own.filter(({ level }) => level === "error").length;
    const warnings = own.filter(({ level }) => level === "warning").length;
    const infos = own.length - errors - warnings;
    // An operation breaks by a change of the schema: it is told here too, whichever gate found the cause.
    const broken = gate === "operations" ? operations.broken : 0;
    const status = errors + broken > 0 ? "error" : warnings > 0 ? "warning" : "ok";
    if (gate === "operations") return { gate, status, summary: describeOperations(operations) };
    const counts = [count(errors, "error"), count(warnings, "warning"), count(infos, "note")].filter((text) => text !== "");
    return { gate, status, summary: [sizes.get(gate), counts.join(", ") || "nothing to report"].filter(Boolean).join(": ") };
  });
}

function describeOperations({ unaffected, ...affected }: Report["operations"]): string {
  const parts = Object.entries(affected).filter(([, number]) => number > 0);
  return [...parts, ["unaffected", unaffected] as const].map(([status, number]) => `${number} ${status}`).join(", ");
}

const count = (number: number, word: string): string => (number === 0 ? "" : `${number} ${word}${number === 1 ? "" : "s"}`);
