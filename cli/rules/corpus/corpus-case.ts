import { type CheckSettings, settingsShape } from "../../check/settings-shape.ts";
import type { Example } from "../run-example.ts";

/** A change with its written verdict: the worst level of the report, and the rule that must be among its findings at that level. */
export interface CorpusCase extends Example {
  readonly name: string;
  readonly rule: string;
  readonly level: "error" | "warning" | "info";
}

export type Row = readonly [
  name: string,
  from: string,
  to: string,
  operation: string | undefined,
  rule: string,
  level: CorpusCase["level"],
];

/** Rows as cases: each one edit of the same schema. */
export const toCases = (base: string, rows: readonly Row[]): CorpusCase[] =>
  rows.map(([name, from, to, operation, rule, level]) => ({ name, base, edits: [[from, to]], operation, rule, level }));

/** Settings under which a case is judged: what other rules would add to its verdict is left out. */
export const corpusSettings = (rule: string): CheckSettings =>
  settingsShape.parse({
    deploy_order: rule === "FED_DEPLOY_ORDER" ? "unknown" : "subgraphs-first",
    planner: rule === "PLAN_IMPOSSIBLE" ? "apollo" : "auto",
    tags: ["public"],
    rules: {
      ...(rule !== "FED_OVERRIDE_STALE" && { FED_OVERRIDE_STALE: "off" }),
      ...(rule !== "FED_DEPLOY_ORDER" && { FED_DEPLOY_ORDER: "off" }),
    },
  });
