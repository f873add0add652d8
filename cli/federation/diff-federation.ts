import type { ComposedSide } from "../compose/compose-side.ts";
import type { Frames } from "../report/code-frame.ts";
import { createFinding, type Finding, type FindingDraft } from "../report/finding.ts";
import { compareText, type Definition, type DefinitionIndex, type SourceChange } from "../sdl/definition-index.ts";
import { directivesNamed, hasDirective, keysOf, normalizeFieldSet, textArgument } from "./directives.ts";

/** Settings of the rules that look at style; each holds for changed lines only. */
export interface FederationStyle {
  /** `@tag` names that may be used; undefined: any. */
  readonly allowedTags?: readonly string[] | undefined;
}

/** What changed between subgraphs that an API schema does not show. Both sides must have their subgraph files. */
export function diffFederation(
  base: ComposedSide,
  head: ComposedSide,
  changes: readonly SourceChange[],
  frames: Frames,
  style: FederationStyle,
): Finding[] {
  return [
    ...subgraphChanges(base, head),
    ...entityChanges(base.definitions, head.definitions, frames),
    ...changes.flatMap((change) => fieldChanges(change, frames)),
    ...changes.flatMap((change) => styleFaults(change, head.definitions, frames, style)),
  ];
}

const finding = (draft: Omit<FindingDraft, "gate">): Finding => createFinding({ gate: "federation", ...draft });

function subgraphChanges(base: ComposedSide, head: ComposedSide): Finding[] {
  const old = new Map(base.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const now = new Map(head.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareText).flatMap((name) => {
    const was = old.get(name);
    const is = now.get(name);
    const draft = { level: "info", subgraph: name, coordinate: name } as const;
    if (!was)
      return [
        finding({
          ...draft,
          rule: "SUBGRAPH_ADDED",
          message: `subgraph ${name} was added: start it before gateways load this supergraph`,
        }),
      ];
    if (!is)
      return [
        finding({
          ...draft,
          rule: "SUBGRAPH_REMOVED",
          message: `subgraph ${name} was removed: stop it after all gateways loaded this supergraph`,
        }),
      ];
    if (was.url === is.url) return [];
    return [
      finding({
        ...draft,
        rule: "SUBGRAPH_URL_CHANGED",
        detail: is.url,
        message: `subgraph ${name} is at ${is.url} now, was at ${was.url}`,
      }),
    ];
  });
}

/** Keys by which gateways enter a type. */
function entityChanges(base: DefinitionIndex, head: DefinitionIndex, frames: Frames): Finding[] {
  const findings: Finding[] = [];
  for (const type of [...new Set([...base.keys(), ...head.keys()])].filter((name) => /^\w+$/.test(name)).sort(compareText)) {
    const before = base.get(type) ?? [];
    const after = head.get(type) ?? [];
    for (const subgraph of [...new Set(after.map((definition) => definition.subgraph))].sort(compareText)) {
      findings.push(...keyChanges(type, subgraph, before, after, frames));
    }
    const wasResolvable = before.some((definition) => keysOf(definition).some(({ resolvable }) => resolvable));
    const keys = after.flatMap((definition) => keysOf(definition));
    if (keys.length > 0 && keys.every(({ resolvable }) => !resolvable) && (wasResolvable || before.length === 0)) {
      findings.push(
        finding({
          rule: "FED_ENTITY_UNRESOLVABLE",
          level: "error",
          coordinate: type,
          message: `every @key of ${type} says resolvable: false: no subgraph can be asked for one`,
          place: after[0] ? frames.at("head", after[0].place) : null,
          fix: `let the subgraph that owns ${type} declare its @key without resolvable: false`,
        }),
      );
    }
  }
  return findings;
}

function keyChanges(
  type: string,
  subgraph: string,
  before: readonly Definition[],
  after: readonly Definition[],
  frames: Frames,
): Finding[] {
  const own = (definitions: readonly Definition[]) => definitions.filter((definition) => definition.subgraph === subgraph);
  const entries = (definitions: readonly Definition[]) =>
    new Set(
      own(definitions)
        .flatMap(keysOf)
        .filter(({ resolvable }) => resolvable)
        .map(({ fields }) => fields),
    );
  if (own(before).length === 0) return [];
  const old = entries(before);
  const now = entries(after);
  const removed = [...old].filter((fields) => !now.has(fields)).sort();
  const added = [...now].filter((fields) => !old.has(fields)).sort();
  return removed.map((fields, index) => {
    const replacement = added[index];
    const others = [
      ...new Set(
        after
          .filter((definition) => definition.subgraph !== subgraph && keysOf(definition).some((key) => key.fields === fields))
          .map((one) => one.subgraph),
      ),
    ].sort();
    const definition = own(after)[0]!;
    return finding({
      rule: replacement ? "FED_KEY_CHANGED" : "FED_KEY_REMOVED",
      level: others.length > 0 ? "error" : "warning",
      subgraph,
      coordinate: type,
      detail: `${fields} ${replacement ?? ""}`,
      message:
        `${subgraph} no longer answers for ${type} by @key(fields: "${fields}")${replacement ? `, but by "${replacement}"` : ""}` +
        `${others.length > 0 ? `; ${others.join(", ")} still enter${others.length > 1 ? "" : "s"} by it` : ""}. Gateways with the old supergraph send the old representation until they reload`,
      place: frames.at("head", definition.place),
      related: own(before)
        .slice(0, 1)
        .map(({ place }) => frames.at("base", place)),
      fix: `keep the old @key beside the new one until every gateway has the new supergraph`,
    });
  });
}

function fieldChanges({ base, head, coordinate, subgraph, kind }: SourceChange, frames: Frames): Finding[] {
  const findings: Finding[] = [];
  const place = head ? frames.at("head", head.place) : base ? frames.at("base", base.place) : null;
  const draft = { subgraph, coordinate, place };
  const override = (definition: Definition | undefined) => (definition ? directivesNamed(definition, "override")[0] : undefined);
  const old = override(base);
  const now = override(head);
  const source = (now && textArgument(now, "from")) ?? (old && textArgument(old, "from"));
  if (now && !old) {
    findings.push(
      finding({
        ...draft,
        rule: "FED_FIELD_MOVED",
        level: "info",
        detail: `from ${source}`,
        message: `${coordinate} moves from ${source} to ${subgraph}. Deploy ${subgraph}, then the gateway, then remove the field from ${source}`,
      }),
    );
  } else if (old && !now && head) {
    findings.push(
      finding({
        ...draft,
        rule: "FED_FIELD_MOVED",
        level: "info",
        detail: "override removed",
        message: `${subgraph} no longer takes ${coordinate} over from ${source}`,
      }),
    );
  } else if (old && now && textArgument(old, "label") !== textArgument(now, "label")) {
    const label = textArgument(now, "label") ?? "all";
    findings.push(
      finding({
        ...draft,
        rule: "FED_FIELD_MOVED",
        level: "info",
        detail: `label ${label}`,
        message: `${coordinate}: ${subgraph} now answers for ${label}, was ${textArgument(old, "label") ?? "all"}`,
      }),
    );
  }
  if (base && head && hasDirective(base, "shareable") && !hasDirective(head, "shareable")) {
    findings.push(
      finding({
        ...draft,
        rule: "FED_SHAREABLE_REMOVED",
        level: "warning",
        message: `${coordinate} is no longer @shareable in ${subgraph}: composition fails as soon as another subgraph resolves it`,
      }),
    );
  }
  const requires = (definition: Definition | undefined) => (definition ? directivesNamed(definition, "requires")[0] : undefined);
  const needed = requires(head);
  const neededBefore = requires(base);
  if (needed && kind === "changed") {
    const after = normalizeFieldSet(textArgument(needed, "fields") ?? "");
    const before = neededBefore ? normalizeFieldSet(textArgument(neededBefore, "fields") ?? "") : "";
    if (after !== before && after.length > before.length) {
      findings.push(
        finding({
          ...draft,
          rule: "FED_REQUIRES_GREW",
          level: "info",
          detail: after,
          message: `${coordinate} requires "${after}" now, was "${before}": it may take one more fetch`,
        }),
      );
    }
  }
  return findings;
}

function styleFaults(
  { head, coordinate, subgraph, base }: SourceChange,
  definitions: DefinitionIndex,
  frames: Frames,
  { allowedTags }: FederationStyle,
): Finding[] {
  if (!head) return [];
  const findings: Finding[] = [];
  const draft = { subgraph, coordinate, place: frames.at("head", head.place), level: "warning" } as const;
  if (/^\w+$/.test(coordinate)) {
    const known = new Set(base ? keysOf(base).map(({ fields }) => fields) : []);
    for (const { fields } of keysOf(head)) {
      const key = definitions.get(`${coordinate}.${fields}`)?.find((definition) => definition.subgraph === subgraph);
      if (known.has(fields) || !key || /:\s*ID!/.test(key.text)) continue;
      findings.push(
        finding({
          ...draft,
          rule: "FED_KEY_NOT_ID",
          detail: fields,
          message: `${coordinate} has the key "${fields}", which is not an ID!`,
        }),
      );
    }
  }
  const usesListSize = [...definitions.values()].some((list) =>
    list.some((one) => one.subgraph === subgraph && hasDirective(one, "listSize")),
  );
  if (
    /^\w+\.\w+$/.test(coordinate) &&
    usesListSize &&
    !base &&
    isCompositeList(head.text, definitions) &&
    !hasDirective(head, "listSize")
  ) {
    findings.push(
      finding({
        ...draft,
        rule: "FED_LIST_SIZE_MISSING",
        message: `${coordinate} gives a list without @listSize: its cost is a guess`,
      }),
    );
  }
  if (allowedTags) {
    for (const tag of directivesNamed(head, "tag").map((directive) => textArgument(directive, "name") ?? "")) {
      if (!allowedTags.includes(tag))
        findings.push(
          finding({
            ...draft,
            rule: "FED_TAG_UNKNOWN",
            detail: tag,
            message: `${coordinate} has the tag "${tag}"; known are ${allowedTags.join(", ")}`,
          }),
        );
    }
  }
  return findings;
}

/** A list of entities: lists of scalars and of value objects are short in practice. */
function isCompositeList(text: string, definitions: DefinitionIndex): boolean {
  const item = /:\s*\[+(\w+)/.exec(text)?.[1];
  return item !== undefined && (definitions.get(item) ?? []).some((definition) => keysOf(definition).length > 0);
}
