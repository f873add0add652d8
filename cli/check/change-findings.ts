import type { ASTNode } from "graphql";
import type { Change } from "../diff/change.ts";
import type { Affected, Judgement } from "../operations/judge-operations.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import type { Frames } from "../report/code-frame.ts";
import {
  type AffectedOperation,
  type ClientUse,
  createFinding,
  type Finding,
  type FindingPlace,
  type Level,
} from "../report/finding.ts";
import type { DefinitionIndex, SourceChange } from "../sdl/definition-index.ts";

/** What is known of clients: nothing, the operations they keep in files, or what traffic showed. */
export type EvidenceKind = "none" | "files" | "recorded";

export interface ChangeContext {
  readonly evidence: EvidenceKind;
  readonly sources: readonly SourceChange[];
  readonly base: DefinitionIndex;
  readonly head: DefinitionIndex;
  readonly frames: Frames;
  /** YYYY-MM-DD */
  readonly today: string;
  readonly rare: (operation: StoredOperation) => boolean;
  readonly clientsOf: (operation: StoredOperation) => ClientUse[];
}

/** A finding for each change, at the level its operations give it, on the subgraph line that caused it. */
export function changeFindings(changes: readonly Change[], judgement: Judgement, context: ChangeContext): Finding[] {
  const findings = changes.flatMap((change) => {
    if (change.rule === "DEPRECATION_DATE_NOT_REACHED" && change.detail < context.today) return [];
    const affected = judgement.byChange.get(change) ?? [];
    const cause = causeOf(change, context.sources);
    const places = placesOf(change, cause, context);
    return [
      createFinding({
        rule: change.rule,
        gate: change.rule.startsWith("FED_") ? "federation" : "changes",
        level: levelOf(change, affected, context),
        subgraph: cause?.subgraph ?? null,
        coordinate: change.coordinate,
        detail: change.detail,
        message: change.message + unusedNote(change, affected, context.evidence),
        place: places[0] ?? null,
        related: places.slice(1, 3),
        operations: affected.map((one) => describeAffected(one, context)),
        fix: affected.length > 0 || (change.impact === "breaking" && context.evidence === "none") ? (change.fix ?? null) : null,
      }),
    ];
  });
  const broken = judgement.unexplained.map((one) => operationFinding("OPERATION_BROKEN", "error", one, context));
  const invalid = judgement.invalid.map((one) =>
    operationFinding("OPERATION_INVALID", one.before === "new" ? "error" : "warning", one, context),
  );
  return [...findings, ...broken, ...invalid];
}

function levelOf(change: Change, affected: readonly Affected[], { evidence, rare }: ChangeContext): Level {
  if (change.rule === "DEPRECATION_DATE_NOT_REACHED") return "error";
  const counted = affected.filter(({ operation }) => !rare(operation));
  if (counted.some(({ status }) => status === "broken")) return "error";
  if (affected.length > 0) return "warning";
  if (change.impact === "safe") return "info";
  if (evidence === "none") return change.impact === "breaking" ? "error" : "warning";
  // Files tell of the clients we know; only traffic tells of all.
  return evidence === "files" && change.impact === "breaking" ? "warning" : "info";
}

function unusedNote({ impact }: Change, affected: readonly Affected[], evidence: EvidenceKind): string {
  if (impact === "safe" || affected.length > 0) return "";
  if (evidence === "none") return "; no operations are known, so it counts as used";
  return evidence === "files" ? "; no stored operation is affected" : "; no recorded operation is affected";
}

export function describeAffected(
  { operation, status, reason, node }: Affected,
  { frames, clientsOf }: Pick<ChangeContext, "frames" | "clientsOf">,
): AffectedOperation {
  return {
    name: operation.name,
    hash: operation.hash,
    status,
    reason,
    place: placeInOperation(operation, node, frames),
    clients: clientsOf(operation),
  };
}

export function placeInOperation(operation: StoredOperation, node: ASTNode | undefined, frames: Frames): FindingPlace | null {
  const at = node?.loc ?? operation.document.definitions[0]?.loc;
  return at ? frames.at("operation", { file: at.source.name, line: at.startToken.line, column: at.startToken.column }) : null;
}

function operationFinding(
  rule: string,
  level: Level,
  one: Affected & { readonly before?: "new" | "broken" },
  context: ChangeContext,
): Finding {
  const described = describeAffected(one, context);
  const since = one.before === "broken" ? " (it was not valid before this change either)" : "";
  return createFinding({
    rule,
    gate: "operations",
    level: context.rare(one.operation) && level === "error" ? "warning" : level,
    coordinate: one.operation.name,
    detail: `${one.operation.hash} ${one.reason}`,
    message: `operation ${one.operation.name} is not valid: ${one.reason}${since}`,
    place: described.place,
    operations: [described],
  });
}

/** The source change behind an API change: at its own coordinate, else at the element around it. */
function causeOf({ coordinate, rule }: Change, sources: readonly SourceChange[]): SourceChange | undefined {
  for (let at: string | undefined = coordinate; at !== undefined; at = around(at)) {
    const own = sources.filter((source) => source.coordinate === at);
    const wanted = /REMOVED|NOT_REACHED/.test(rule) && at === coordinate ? "removed" : undefined;
    const found = own.find(({ kind }) => kind === wanted) ?? own.find(({ kind }) => kind === "changed") ?? own[0];
    if (found) return found;
  }
  return undefined;
}

function around(coordinate: string): string | undefined {
  const argument = coordinate.indexOf("(");
  if (argument > 0) return coordinate.slice(0, argument);
  const dot = coordinate.indexOf(".");
  return dot > 0 ? coordinate.slice(0, dot) : undefined;
}

function placesOf(
  { coordinate }: Change,
  cause: SourceChange | undefined,
  { frames, base, head }: ChangeContext,
): FindingPlace[] {
  if (cause) {
    const places = [cause.head && frames.at("head", cause.head.place), cause.base && frames.at("base", cause.base.place)];
    return places.filter((place) => place !== undefined);
  }
  for (let at: string | undefined = coordinate; at !== undefined; at = around(at)) {
    const now = head.get(at)?.[0];
    if (now) return [frames.at("head", now.place)];
    const before = base.get(at)?.[0];
    if (before) return [frames.at("base", before.place)];
  }
  return [];
}
