import { type ConstDirectiveNode, type ConstValueNode, Kind, parse, print } from "graphql";
import { compareText, type Definition } from "../sdl/definition-index.ts";

/** The directives of a name; `federation__key` is `key` that was not imported. */
export const directivesNamed = (definition: Pick<Definition, "directives">, name: string): readonly ConstDirectiveNode[] =>
  definition.directives.filter((directive) => directive.name.value === name || directive.name.value === `federation__${name}`);

export const hasDirective = (definition: Pick<Definition, "directives">, name: string): boolean =>
  directivesNamed(definition, name).length > 0;

/** The value of an argument as written; undefined when it is not given. */
export const argumentOf = (directive: ConstDirectiveNode, name: string): ConstValueNode | undefined =>
  directive.arguments?.find((argument) => argument.name.value === name)?.value;

export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = argumentOf(directive, name);
  return value?.kind === Kind.STRING ? value.value : undefined;
}

export interface EntityKey {
  /** The field set with its fields in order, on one line. */
  readonly fields: string;
  readonly resolvable: boolean;
}

/** The `@key`s of a type definition. */
export const keysOf = (definition: Pick<Definition, "directives">): readonly EntityKey[] =>
  directivesNamed(definition, "key").map((directive) => {
    const resolvable = argumentOf(directive, "resolvable");
    return {
      fields: normalizeFieldSet(textArgument(directive, "fields") ?? ""),
      resolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
    };
  });

/** `b a { d c }` as `a { c d } b`. A field set that is no GraphQL stays as it is. */
export function normalizeFieldSet(fields: string): string {
  try {
    const [definition] = parse(`{ ${fields} }`).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return fields;
    const sorted = { ...definition, selectionSet: sortSelections(definition.selectionSet) };
    return print(sorted).replaceAll(/\s+/g, " ").slice(2, -2);
  } catch {
    return fields; // composition names the fault
  }
}

type SelectionSet = Extract<ReturnType<typeof parse>["definitions"][number], { kind: Kind.OPERATION_DEFINITION }>["selectionSet"];

function sortSelections(set: SelectionSet): SelectionSet {
  const selections = set.selections
    .map((selection) =>
      selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet
        ? { ...selection, selectionSet: sortSelections(selection.selectionSet) }
        : selection,
    )
    .sort((a, b) => compareText(print(a), print(b)));
  return { ...set, selections };
}
