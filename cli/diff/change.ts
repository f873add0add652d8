import type { OperationUse } from "../operations/operation-use.ts";

/** How one operation fares under a change, beside what validation says. */
export type Effect = { readonly status: "broken" | "risky"; readonly reason: string };

/** One difference between two API schemas. */
export interface Change {
  readonly rule: string;
  /** The schema coordinate in the base, or in the head for what was added. */
  readonly coordinate: string;
  readonly detail: string;
  readonly message: string;
  /** What it may do to clients nobody knows: decides the level when there are no operations to ask. */
  readonly impact: "breaking" | "risky" | "safe";
  /** Where validation errors of an operation stand that this change explains. */
  readonly explains: readonly string[];
  /** What the change does to an operation that still validates. Undefined: nothing. */
  readonly effect?: (use: OperationUse) => Effect | undefined;
  readonly fix?: string;
}

export const broken = (reason: string): Effect => ({ status: "broken", reason });
export const risky = (reason: string): Effect => ({ status: "risky", reason });
