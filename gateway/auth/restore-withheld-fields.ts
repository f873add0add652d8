import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLFormattedError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { FieldAccess, Refusal } from "./field-access.ts";

export type RestoreRequest = {
  readonly schema: GraphQLSchema;
  /** What the client asked for, not what was fetched. */
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly access: FieldAccess;
  readonly typenameKey: string;
};

export type RestoredAnswer = {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphQLFormattedError[];
};

type Fields = Record<string, unknown>;
/** A selected field and the type it is selected on. */
type Selected = { readonly node: FieldNode; readonly parent: GraphQLCompositeType };
type SelectedSet = { readonly selectionSet: SelectionSetNode; readonly parent: GraphQLCompositeType };
type Path = readonly (string | number)[];

const maxErrors = 100; // a withheld field in a long list: past this the client knows

/**
 * Gives the answer of a narrowed operation the shape of the original one: each withheld field is null with an error on
 * its path, and a null that may not be moves up to the nearest field that may.
 */
export function restoreWithheldFields(data: Readonly<Fields> | null, request: RestoreRequest): RestoredAnswer {
  const { schema, operation, fragments, variables, access, typenameKey } = request;
  const errors: GraphQLFormattedError[] = [];

  function completeObject(type: GraphQLObjectType, value: Fields, sets: readonly SelectedSet[], path: Path): Fields | null {
    const completed: Fields = Object.create(null);
    for (const [key, selected] of collectFields(type, sets)) {
      const name = selected[0]!.node.name.value;
      if (name.startsWith("__")) {
        completed[key] = value[key] ?? (name === "__typename" ? type.name : null);
        continue;
      }
      const fieldType = type.getFields()[name]!.type;
      const refusal = selected.map(({ parent }) => access(parent, type, name)).find((found) => found !== null);
      if (refusal && errors.length < maxErrors) errors.push(toError(refusal, [...path, key]));
      const child = refusal ? null : completeValue(fieldType, value[key], selected, [...path, key]);
      if (child === null && isNonNullType(fieldType)) return null;
      completed[key] = child;
    }
    return completed;
  }

  function completeValue(type: GraphQLOutputType, value: unknown, selected: readonly Selected[], path: Path): unknown {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return completeValue(type.ofType, value, selected, path);
    if (isListType(type)) {
      const items = (value as unknown[]).map((item, index) => completeValue(type.ofType, item, selected, [...path, index]));
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    if (isLeafType(type)) return value;
    const sets = selected.flatMap(({ node: { selectionSet } }) => (selectionSet ? [{ selectionSet, parent: type }] : []));
    const objectType = isAbstractType(type) ? schema.getType(String((value as Fields)[typenameKey])) : type;
    return isObjectType(objectType) ? completeObject(objectType, value as Fields, sets, path) : null;
  }

  /** As CollectFields of the specification, section 6.3.2. */
  function collectFields(type: GraphQLObjectType, sets: readonly SelectedSet[]): Map<string, Selected[]> {
    const fields = new Map<string, Selected[]>();
    const collect = ({ selections }: SelectionSetNode, parent: GraphQLCompositeType): void => {
      for (const selection of selections) {
        if (!isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = fields.get(key);
          if (same) same.push({ node: selection, parent });
          else fields.set(key, [{ node: selection, parent }]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        const condition = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent;
        if (fragment && isCompositeType(condition) && applies(condition, type)) collect(fragment.selectionSet, condition);
      }
    };
    for (const { selectionSet, parent } of sets) collect(selectionSet, parent);
    return fields;
  }

  const isIncluded = (node: SelectionNode): boolean =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;

  const applies = (condition: GraphQLCompositeType, type: GraphQLObjectType): boolean =>
    condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));

  const rootType = schema.getRootType(operation.operation);
  if (!rootType || data === null) return { data: null, errors };
  return { data: completeObject(rootType, data, [{ selectionSet: operation.selectionSet, parent: rootType }], []), errors };
}

const toError = ({ code, requiredScopes }: Refusal, path: Path): GraphQLFormattedError => ({
  message: code === "UNAUTHENTICATED" ? "Sign in to read this field." : "You may not read this field.",
  path,
  extensions: { code, ...(requiredScopes && { requiredScopes }) },
});
