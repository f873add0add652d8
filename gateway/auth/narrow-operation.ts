import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type VariableNode,
  visit,
} from "graphql";
import type { FieldAccess } from "./field-access.ts";

export type NarrowRequest = {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly access: FieldAccess;
};

export type NarrowedOperation = {
  /** The operation without the fields that are withheld; null where nothing is left to fetch. */
  readonly query: string | null;
  /** The response key under which objects of abstract types carry their type's name. */
  readonly typenameKey: string;
};

/**
 * Takes the withheld fields out of an operation. Fragments are written in place. On an interface or union, where a field
 * is withheld for some of the possible types only, it stays for the others. Null where nothing is withheld.
 */
export function narrowOperation({ schema, operation, fragments, access }: NarrowRequest): NarrowedOperation | null {
  const typenameKey = usesTypenameAsAlias(operation, fragments) ? "tributary__typename" : "__typename";
  const typename: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: "__typename" },
    ...(typenameKey !== "__typename" && { alias: { kind: Kind.NAME, value: typenameKey } }),
  };
  let withheld = false;

  function narrowSelections(selectionSet: SelectionSetNode, parent: GraphQLCompositeType): SelectionNode[] {
    const kept = selectionSet.selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return narrowField(selection, parent);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (!fragment) return [];
      const condition = fragment.typeCondition;
      const type = condition ? schema.getType(condition.name.value) : parent;
      if (!isCompositeType(type)) return [];
      const selections = narrowSelections(fragment.selectionSet, type);
      if (selections.length === 0) return [];
      const { directives } = selection;
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          ...(condition && { typeCondition: condition }),
          ...(directives && { directives }),
          selectionSet: { kind: Kind.SELECTION_SET, selections },
        },
      ];
    });
    return kept;
  }

  function narrowField(field: FieldNode, parent: GraphQLCompositeType): readonly SelectionNode[] {
    const name = field.name.value;
    if (name.startsWith("__")) return [field];
    const possible = isObjectType(parent) ? [parent] : schema.getPossibleTypes(parent);
    const allowed = possible.filter((type) => access(parent, type, name) === null);
    if (allowed.length < possible.length) withheld = true;
    const narrowed = narrowBelow(field, parent);
    if (allowed.length === possible.length) return [narrowed];
    return allowed.map((type) => ({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
      selectionSet: { kind: Kind.SELECTION_SET, selections: [narrowed] },
    }));
  }

  function narrowBelow(field: FieldNode, parent: GraphQLCompositeType): FieldNode {
    if (!field.selectionSet || !("getFields" in parent)) return field;
    const type = getNamedType(parent.getFields()[field.name.value]?.type);
    if (!isCompositeType(type)) return field;
    const selections = narrowSelections(field.selectionSet, type);
    // The caller's answer depends on whether there is an object, and of which type it is.
    if (selections.length === 0 || isAbstractType(type)) selections.unshift(typename);
    return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  }

  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return null;
  const selections = narrowSelections(operation.selectionSet, rootType);
  if (!withheld) return null;
  if (!fetchesSomething(selections)) return { query: null, typenameKey };
  const narrowed = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } } as const;
  return { query: print(dropUnusedVariables(narrowed)), typenameKey };
}

/** False where only `__typename` of the root is left, which needs no subgraph. */
const fetchesSomething = (selections: readonly SelectionNode[]): boolean =>
  selections.some((selection) =>
    selection.kind === Kind.FIELD
      ? selection.name.value !== "__typename"
      : selection.kind === Kind.INLINE_FRAGMENT && fetchesSomething(selection.selectionSet.selections),
  );

/** A response key `__typename` that holds something else would be taken for the type's name. */
function usesTypenameAsAlias(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  let found = false;
  for (const node of [operation, ...fragments.values()]) {
    visit(node, {
      Field(field) {
        if (field.alias?.value === "__typename") found = true;
      },
    });
  }
  return found;
}

function dropUnusedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set<string>();
  const note = (node: VariableNode): void => void used.add(node.name.value);
  visit(operation.selectionSet, { Variable: note });
  for (const directive of operation.directives ?? []) visit(directive, { Variable: note });
  return {
    ...operation,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
  };
}
