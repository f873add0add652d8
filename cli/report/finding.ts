import { createHash } from "node:crypto";

export type Level = "error" | "warning" | "info";
export type Gate = "compose" | "changes" | "federation" | "operations" | "plans" | "cost" | "approvals";

export const gates: readonly Gate[] = ["compose", "changes", "federation", "operations", "plans", "cost", "approvals"];

/** A line of a code frame; `mark` columns are underlined. */
export interface FrameLine {
  readonly line: number;
  readonly text: string;
  /** Column and length of the caret, counting from 1; null for the lines around it. */
  readonly mark: { readonly column: number; readonly length: number } | null;
}

export interface FindingPlace {
  readonly side: "base" | "head" | "operation";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly frame: readonly FrameLine[];
}

/** A client that sends an affected operation. */
export interface ClientUse {
  readonly name: string;
  readonly version: string;
  readonly requestsPerDay: number | null;
  readonly lastSeen: string | null;
}

export interface AffectedOperation {
  readonly name: string;
  readonly hash: string;
  readonly status: "broken" | "risky" | "slower" | "costlier";
  readonly reason: string;
  readonly place: FindingPlace | null;
  readonly clients: readonly ClientUse[];
}

export interface Finding {
  readonly rule: string;
  readonly gate: Gate;
  readonly level: Level;
  /** First 12 hex of SHA-256 over rule, subgraph, coordinate and normalised detail: no line numbers, no prose. */
  readonly fingerprint: string;
  readonly subgraph: string | null;
  readonly coordinate: string;
  readonly message: string;
  readonly place: FindingPlace | null;
  readonly related: readonly FindingPlace[];
  readonly operations: readonly AffectedOperation[];
  readonly fix: string | null;
  readonly approval: { readonly reason: string; readonly approvedBy: string | null; readonly expires: string } | null;
}

export interface FindingDraft {
  readonly rule: string;
  readonly gate: Gate;
  readonly level: Level;
  readonly subgraph?: string | null;
  readonly coordinate: string;
  /** What makes this finding differ from another of the same rule and coordinate. */
  readonly detail?: string;
  readonly message: string;
  readonly place?: FindingPlace | null;
  readonly related?: readonly FindingPlace[];
  readonly operations?: readonly AffectedOperation[];
  readonly fix?: string | null;
}

/** Completes a draft with its fingerprint. */
export function createFinding({ detail = "", ...draft }: FindingDraft): Finding {
  const subgraph = draft.subgraph ?? null;
  return {
    rule: draft.rule,
    gate: draft.gate,
    level: draft.level,
    fingerprint: fingerprintOf(draft.rule, subgraph, draft.coordinate, detail),
    subgraph,
    coordinate: draft.coordinate,
    message: draft.message,
    place: draft.place ?? null,
    related: draft.related ?? [],
    operations: draft.operations ?? [],
    fix: draft.fix ?? null,
    approval: null,
  };
}

export const fingerprintOf = (rule: string, subgraph: string | null, coordinate: string, detail: string): string =>
  createHash("sha256")
    .update(JSON.stringify([rule, subgraph, coordinate, detail]))
    .digest("hex")
    .slice(0, 12);

const rank: Record<Level, number> = { error: 0, warning: 1, info: 2 };

/** Worst first, then by rule and coordinate: the same order for the same findings. */
export const compareFindings = (a: Finding, b: Finding): number =>
  rank[a.level] - rank[b.level] || text(a.rule, b.rule) || text(a.coordinate, b.coordinate) || text(a.fingerprint, b.fingerprint);

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** True when `level` is at or above `threshold`. */
export const reaches = (level: Level, threshold: Level): boolean => rank[level] <= rank[threshold];
