import type { Approval } from "../approvals/approval-shape.ts";
import type { OperationTexts } from "../operations/operation-texts.ts";
import type { UsageEvidence } from "../operations/usage-evidence.ts";
import type { Gate, Level } from "../report/finding.ts";
import type { DiskCache } from "../source/cache.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import type { EvidenceFilter } from "./evidence.ts";
import type { CheckSettings } from "./settings-shape.ts";

/** All that a check is made of, read from disk and git but not yet parsed. */
export interface CheckRequest {
  readonly command: string;
  /** Null: nothing to compare with; composition and the validity of operations are judged. */
  readonly base: SupergraphSource | null;
  readonly head: SupergraphSource;
  readonly operations: OperationTexts;
  readonly usage: UsageEvidence | undefined;
  readonly evidenceMode: "auto" | "required" | "off";
  readonly filter: EvidenceFilter;
  readonly settings: CheckSettings;
  readonly approvals: readonly Approval[];
  readonly approvalsPath: string;
  readonly only: ReadonlySet<Gate>;
  readonly failOn: Level | "never";
  /** YYYY-MM-DD */
  readonly today: string;
  readonly cache: DiskCache;
  readonly progress: (step: string) => void;
}
