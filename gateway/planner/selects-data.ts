import { type ArgumentNode, type FragmentDefinitionNode, Kind, parse, type SelectionNode, type SelectionSetNode } from "graphql";

/** True for an operation that needs subgraphs: it selects more than introspection, whatever its variables are. */
export function selectsData(document: string): boolean {
  const { definitions } = parse(document, { noLocation: true });
  const fragments = definitions.filter(
    (definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION,
  );
  const selects = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (isNeverIncluded(selection)) return false;
      if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith("__");
      if (selection.kind === Kind.INLINE_FRAGMENT) return selects(selection.selectionSet);
      const spread = fragments.find(({ name }) => name.value === selection.name.value);
      return spread !== undefined && selects(spread.selectionSet);
    });
  return definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION && selects(definition.selectionSet));
}

/** `@skip(if: true)` or `@include(if: false)`, written out. */
const isNeverIncluded = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name, arguments: [condition] = [] as readonly ArgumentNode[] }) => {
    if (condition?.value.kind !== Kind.BOOLEAN) return false;
    return condition.value.value === (name.value === "skip");
  });
