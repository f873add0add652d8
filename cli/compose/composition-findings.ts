import type { Frames } from "../report/code-frame.ts";
import { createFinding, type Finding, type FindingPlace } from "../report/finding.ts";
import { compareText, type DefinitionIndex, type SourceChange } from "../sdl/definition-index.ts";
import type { Place } from "../sdl/parse-subgraph.ts";
import type { ComposedSide, CompositionFault, CompositionHint } from "./compose-side.ts";
import { readUnsatisfiable, shortestQuery } from "./satisfiability.ts";

type Group = { readonly changes: readonly SourceChange[]; readonly faults: CompositionFault[]; readonly subject: string };

/**
 * One finding for each root cause: faults are laid to the changed type that explains most of them, and without a base to
 * the type and code they name. Every finding has a place.
 */
export function compositionFindings(head: ComposedSide, changes: readonly SourceChange[], frames: Frames): Finding[] {
  return groupFaults(head.faults, changes).map((group) => toFinding(group, head, frames));
}

function groupFaults(faults: readonly CompositionFault[], changes: readonly SourceChange[]): Group[] {
  const units = new Map<string, SourceChange[]>();
  for (const change of changes) units.set(ownerOf(change.coordinate), [...(units.get(ownerOf(change.coordinate)) ?? []), change]);
  let open = [...faults];
  const groups: Group[] = [];
  while (open.length > 0 && units.size > 0) {
    let best: { owner: string; explained: CompositionFault[] } | undefined;
    for (const owner of [...units.keys()].sort(compareText)) {
      const explained = open.filter((fault) => units.size === 1 || explains(owner, units.get(owner)!, fault));
      if (explained.length > (best?.explained.length ?? 0)) best = { owner, explained };
    }
    if (!best) break;
    groups.push({ changes: units.get(best.owner)!, faults: best.explained, subject: best.owner });
    units.delete(best.owner);
    open = open.filter((fault) => !best.explained.includes(fault));
  }
  const rest = new Map<string, Group>();
  for (const fault of open) {
    const subject = subjectOf(fault);
    const group = rest.get(`${fault.code} ${subject}`) ?? { changes: [], faults: [], subject };
    group.faults.push(fault);
    rest.set(`${fault.code} ${subject}`, group);
  }
  return [...groups, ...rest.values()];
}

/** The element a change belongs to: `Task` for `Task.title`, the directive for its arguments. */
const ownerOf = (coordinate: string): string => /^@?\w+/.exec(coordinate)?.[0] ?? coordinate;

function explains(owner: string, changes: readonly SourceChange[], fault: CompositionFault): boolean {
  if (owner === "schema") return /directive|@link|import|root|feature/i.test(fault.message);
  if (mentions(fault.message).has(owner)) return true;
  return changes.some(({ head, base }) =>
    fault.places.some(({ file, line }) =>
      [head, base].some((definition) => definition?.place.file === file && definition.place.line === line),
    ),
  );
}

function mentions(message: string): Set<string> {
  const names = [...message.matchAll(/"(@?[A-Za-z_]\w*)[".(]/g)].map((match) => match[1]!);
  const unknown = [...message.matchAll(/Unknown (?:type|directive) "?(@?\w+)/g)].map((match) => match[1]!);
  return new Set([...names, ...unknown]);
}

function subjectOf(fault: CompositionFault): string {
  const unsatisfiable = readUnsatisfiable(fault.message);
  if (unsatisfiable) return unsatisfiable.blocked[0]?.type ?? unsatisfiable.missing[0]?.split(".")[0] ?? "Query";
  return [...mentions(fault.message)][0] ?? "schema";
}

function toFinding({ changes, faults, subject }: Group, head: ComposedSide, frames: Frames): Finding {
  const ordered = [...faults].sort(
    (a, b) =>
      Number(a.code === "SATISFIABILITY_ERROR") - Number(b.code === "SATISFIABILITY_ERROR") || compareText(a.message, b.message),
  );
  const first = ordered[0]!;
  const unsatisfiable = ordered.map(({ message }) => readUnsatisfiable(message)).filter((one) => one !== undefined);
  const cause = pickCause(changes, unsatisfiable[0] !== undefined && unsatisfiable.length === ordered.length);
  const coordinate = cause?.coordinate ?? coordinateOf(first, head.definitions) ?? subject;
  const places = placesFor(first, cause, subject, head, frames);
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more composition errors with this cause)` : "";
  const query = shortestQuery(unsatisfiable.map((one) => one.query));
  const message =
    query === undefined || unsatisfiable.length < ordered.length
      ? `${first.message}${more}`
      : `No plan can answer this query any more${more}:\n${query}\n${reasonsOf(first.message)}`;
  return createFinding({
    rule: first.code,
    gate: "compose",
    level: "error",
    subgraph: cause?.subgraph ?? first.places[0]?.subgraph ?? null,
    coordinate,
    detail: cause ? `${cause.kind}` : first.code,
    message,
    place: places[0] ?? null,
    related: places.slice(1, 4),
    fix: fixFor(cause, unsatisfiable[0]?.blocked[0], head.definitions),
  });
}

const reasonsOf = (message: string): string =>
  message
    .split("\n")
    .filter((line) => /^\s*- /.test(line))
    .slice(0, 4)
    .join("\n");

/** Satisfiability breaks by what is gone: prefer removals and changed types; otherwise what was added or changed. */
function pickCause(changes: readonly SourceChange[], unsatisfiable: boolean): SourceChange | undefined {
  const order = unsatisfiable ? ["removed", "changed", "added"] : ["changed", "added", "removed"];
  return [...changes].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) ||
      a.coordinate.length - b.coordinate.length ||
      compareText(a.coordinate, b.coordinate),
  )[0];
}

function coordinateOf(fault: CompositionFault, definitions: DefinitionIndex): string | undefined {
  const named = [...fault.message.matchAll(/"(@?[A-Za-z_]\w*(?:\.\w+)?(?:\(\w+:\))?)"/g)].map((match) => match[1]!);
  return named.find((name) => definitions.has(name));
}

function placesFor(
  fault: CompositionFault,
  cause: SourceChange | undefined,
  subject: string,
  head: ComposedSide,
  frames: Frames,
): FindingPlace[] {
  const places: FindingPlace[] = [];
  // An unreachable field has no nodes: the removed line in the base comes first, then the type as it is now.
  if (cause?.base && (fault.places.length === 0 || cause.kind === "removed")) places.push(frames.at("base", cause.base.place));
  // People look first at what the change wrote, then at what the composer names in the same subgraph.
  const written = cause?.head?.place;
  const isWritten = ({ file, line }: Place): boolean => file === written?.file && line === written.line;
  const isOwn = ({ subgraph }: Place): boolean => subgraph !== null && subgraph === cause?.subgraph;
  const rank = (place: Place): number => (isWritten(place) ? 0 : isOwn(place) ? 1 : 2);
  const named = [...fault.places].sort((a, b) => rank(a) - rank(b));
  if (written && !named.some(isWritten)) named.unshift(written);
  places.push(...named.map((place) => frames.at("head", place)));
  const known = head.definitions.get(coordinateOf(fault, head.definitions) ?? subject) ?? head.definitions.get(subject) ?? [];
  places.push(...known.map(({ place }) => frames.at("head", place)));
  if (places.length === 0) {
    const any = [...head.definitions.values()][0]?.[0];
    if (any) places.push(frames.at("head", any.place));
  }
  const seen = new Set<string>();
  return places.filter(({ side, file, line }) => {
    const key = `${side} ${file} ${line}`; // a line is shown once
    return !seen.has(key) && seen.add(key);
  });
}

function fixFor(
  cause: SourceChange | undefined,
  blocked: { readonly type: string; readonly subgraph: string } | undefined,
  definitions: DefinitionIndex,
): string | null {
  if (cause?.kind === "removed")
    return `put ${cause.coordinate} back in subgraph ${cause.subgraph}, or remove what still refers to it first`;
  if (blocked) {
    const keys = (definitions.get(blocked.type) ?? []).flatMap(({ directives }) =>
      directives.filter(({ name }) => name.value === "key"),
    );
    const fields = keys.flatMap(({ arguments: given }) => given?.filter(({ name }) => name.value === "fields") ?? []);
    const known =
      fields.map(({ value }) => (value.kind === "StringValue" ? value.value : "")).filter((text) => text !== "")[0] ?? "id";
    return `give type ${blocked.type} a resolvable @key(fields: "${known}") in subgraph ${blocked.subgraph}`;
  }
  if (cause?.kind === "changed" && cause.base)
    return `before the change ${cause.coordinate} read: ${cause.base.text.split("\n")[0]}`;
  return null;
}

/** Hints that are rules of ours. */
const ruleOfHint: Readonly<Record<string, string>> = {
  OVERRIDDEN_FIELD_CAN_BE_REMOVED: "FED_OVERRIDE_STALE",
  OVERRIDE_DIRECTIVE_CAN_BE_REMOVED: "FED_OVERRIDE_STALE",
  INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE: "FED_SHAREABLE_DIVERGED",
};

/**
 * Hints the head has and the base had not; composition that fails gives none. `raised` are codes that fail the check,
 * `nowNullable` the fields whose nullability clients see changed.
 */
export function newHintFindings(
  base: ComposedSide | undefined,
  head: ComposedSide,
  frames: Frames,
  { raised, nowNullable }: { raised: ReadonlySet<string>; nowNullable: ReadonlySet<string> },
): Finding[] {
  const keyOf = ({ code, coordinate, message, places }: CompositionHint): string =>
    JSON.stringify([code, coordinate ?? message, [...new Set(places.map(({ subgraph }) => subgraph))].sort()]);
  const known = new Set((base?.hints ?? []).map(keyOf));
  return head.hints
    .filter((hint) => !known.has(keyOf(hint)))
    .map((hint) => {
      const places = hint.places.map((place) => frames.at("head", place));
      const rule = ruleOfHint[hint.code] ?? hint.code;
      const nullable = rule === "FED_SHAREABLE_DIVERGED" && hint.coordinate !== null && nowNullable.has(hint.coordinate);
      return createFinding({
        rule,
        gate: "compose",
        level: raised.has(hint.code) || nullable ? "error" : hint.code in ruleOfHint ? "warning" : "info",
        subgraph: hint.places[0]?.subgraph ?? null,
        coordinate: hint.coordinate ?? "schema",
        detail: hint.coordinate ? "" : hint.message,
        message: hint.message,
        place: places[0] ?? null,
        related: places.slice(1, 4),
      });
    });
}
