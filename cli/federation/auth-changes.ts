import { type ConstDirectiveNode, Kind } from "graphql";
import { type Change, risky } from "../diff/change.ts";
import type { Frames } from "../report/code-frame.ts";
import { createFinding, type Finding } from "../report/finding.ts";
import { compareText, type Definition, type DefinitionIndex } from "../sdl/definition-index.ts";
import { argumentOf, directivesNamed } from "./directives.ts";

/** Who may see an element: one of several sets of claims, all of a set needed. No set: anybody. */
type Rule = readonly ReadonlySet<string>[];

const directiveNames = ["authenticated", "requiresScopes", "policy"] as const;

/** Elements that more callers may see now: each an error until approved. */
export function authLoosened(base: DefinitionIndex, head: DefinitionIndex, frames: Frames): Finding[] {
  return compareAuth(base, head)
    .filter(({ before, after }) => loosens(before, after))
    .map(({ coordinate, before, after, definition, subgraph }) =>
      createFinding({
        rule: "FED_AUTH_LOOSENED",
        gate: "federation",
        level: "error",
        subgraph,
        coordinate,
        detail: `${describe(before)} > ${describe(after)}`,
        message: `${coordinate} may be seen by more callers: was ${describe(before)}, is ${describe(after)}`,
        place: definition.side === "head" ? frames.at("head", definition.of.place) : frames.at("base", definition.of.place),
        fix: "if that is meant, approve this finding with a reason",
      }),
    );
}

/** Elements that fewer callers may see now: operations that select them may be answered with null and an error. */
export function authTightened(base: DefinitionIndex, head: DefinitionIndex): Change[] {
  return compareAuth(base, head)
    .filter(({ before, after }) => loosens(after, before))
    .map(
      ({ coordinate, before, after }): Change => ({
        rule: "FED_AUTH_TIGHTENED",
        coordinate,
        detail: `${describe(before)} > ${describe(after)}`,
        message: `${coordinate} may be seen by fewer callers: was ${describe(before)}, is ${describe(after)}`,
        impact: "risky",
        explains: [],
        effect: (use) =>
          use.fields.has(coordinate) || use.types.has(coordinate)
            ? risky(`selects ${coordinate}, which not every caller may see now`)
            : undefined,
      }),
    );
}

function compareAuth(base: DefinitionIndex, head: DefinitionIndex) {
  return [...base.keys()]
    .filter((coordinate) => head.has(coordinate))
    .sort(compareText)
    .flatMap((coordinate) => {
      const old = base.get(coordinate)!;
      const now = head.get(coordinate)!;
      const before = ruleOf(old);
      const after = ruleOf(now);
      if (describe(before) === describe(after)) return [];
      const carrier = old.find((definition) => directiveNames.some((name) => directivesNamed(definition, name).length > 0));
      const same = now.find((definition) => definition.subgraph === carrier?.subgraph) ?? now[0]!;
      const definition = { side: "head", of: same } as const;
      return [{ coordinate, before, after, definition, subgraph: same.subgraph }];
    });
}

/** Composition joins what subgraphs demand: every directive of every one of them must be met. */
function ruleOf(definitions: readonly Definition[]): Rule {
  let rule: Rule = [new Set()];
  for (const definition of definitions) {
    for (const name of directiveNames) {
      for (const directive of directivesNamed(definition, name)) rule = both(rule, ruleOfDirective(name, directive));
    }
  }
  return rule.length === 1 && rule[0]!.size === 0 ? [] : rule;
}

function ruleOfDirective(name: (typeof directiveNames)[number], directive: ConstDirectiveNode): Rule {
  if (name === "authenticated") return [new Set(["authenticated"])];
  const value = argumentOf(directive, name === "policy" ? "policies" : "scopes");
  if (value?.kind !== Kind.LIST) return [new Set()];
  return value.values.map((inner) => {
    const names = inner.kind === Kind.LIST ? inner.values : [inner];
    const implied = name === "requiresScopes" ? ["authenticated"] : []; // scopes come with a token
    return new Set([...implied, ...names.map((one) => `${name}:${one.kind === Kind.STRING ? one.value : ""}`)]);
  });
}

const both = (a: Rule, b: Rule): Rule => a.flatMap((left) => b.map((right) => new Set([...left, ...right])));

/** True when some caller is let in that was not before. */
function loosens(before: Rule, after: Rule): boolean {
  if (before.length === 0) return false;
  if (after.length === 0) return true;
  return after.some((claims) => !before.some((needed) => needed.isSubsetOf(claims)));
}

const describe = (rule: Rule): string =>
  rule.length === 0 ? "anybody" : [...new Set(rule.map((claims) => [...claims].sort().join(" and ")))].sort().join(" or ");
