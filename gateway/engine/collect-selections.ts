import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { isOfType } from "./type-conditions.ts";

/** What decides which selections of the client's operation apply. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The fields of one object in the order of the response (section 6.3.2 of the specification), by response name. */
export function collectSelections(
  { schema, fragments, variables }: SelectionContext,
  selectionSets: readonly SelectionSetNode[],
  typename: string,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(name);
        if (nodes) nodes.push(selection);
        else fields.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (condition === undefined || isOfType(schema, typename, condition)) collect(selection.selectionSet);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        if (isOfType(schema, typename, fragment.typeCondition.name.value)) collect(fragment.selectionSet);
      }
    }
  };
  for (const selectionSet of selectionSets) collect(selectionSet);
  return fields;
}

/** `@skip` and `@include`. */
export function isIncluded({ directives = [] }: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  for (const { name, arguments: args } of directives) {
    if (name.value !== "skip" && name.value !== "include") continue;
    const condition = args?.find((argument) => argument.name.value === "if")?.value;
    const holds =
      condition?.kind === Kind.VARIABLE
        ? variables[condition.name.value] === true
        : condition?.kind === Kind.BOOLEAN && condition.value;
    if (holds === (name.value === "skip")) return false;
  }
  return true;
}
