import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLFormattedError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
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
type Path = readonly (string | number)[];

const maxErrors = 100; // a withheld field in a long list: past this the client knows

/**
 * Gives the answer of a narrowed operation the shape of the original one: each withheld field is null with an error on
 * its path, and a null that may not be moves up to the nearest field that may.
 */
export function restoreWithheldFields(data: Readonly<Fields> | null, request: RestoreRequest): RestoredAnswer {
  const { schema, operation, fragments, variables, access, typenameKey } = request;
  const errors: GraphQLFormattedError[] = [];

  function completeObject(type: GraphQLObjectType, value: Fields, sets: readonly SelectionSetNode[], path: Path): Fields | null {
    const completed: Fields = Object.create(null);
    for (const [key, nodes] of collectFields(type, sets)) {
      const name = nodes[0]!.name.value;
      if (name.startsWith("__")) {
        completed[key] = value[key] ?? (name === "__typename" ? type.name : null);
        continue;
      }
      const fieldType = type.getFields()[name]!.type;
      const refusal = access(type, name);
      if (refusal && errors.length < maxErrors) errors.push(toError(refusal, [...path, key]));
      const child = refusal ? null : completeValue(fieldType, value[key], nodes, [...path, key]);
      if (child === null && isNonNullType(fieldType)) return null;
      completed[key] = child;
    }
    return completed;
  }

  function completeValue(type: GraphQLOutputType, value: unknown, nodes: readonly FieldNode[], path: Path): unknown {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return completeValue(type.ofType, value, nodes, path);
    if (isListType(type)) {
      const items = (value as unknown[]).map((item, index) => completeValue(type.ofType, item, nodes, [...path, index]));
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (sets.length === 0) return value;
    const objectType = isAbstractType(type) ? schema.getType(String((value as Fields)[typenameKey])) : type;
    return isObjectType(objectType) ? completeObject(objectType, value as Fields, sets, path) : null;
  }

  /** As CollectFields of the specification, section 6.3.2. */
  function collectFields(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (!isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = fields.get(key);
          if (same) same.push(selection);
          else fields.set(key, [selection]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          if (visited.has(selection.name.value)) continue;
          visited.add(selection.name.value);
        }
        if (fragment && applies(fragment.typeCondition?.name.value, type)) collect(fragment.selectionSet);
      }
    };
    for (const set of sets) collect(set);
    return fields;
  }

  const isIncluded = (node: SelectionNode): boolean =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;

  const applies = (condition: string | undefined, type: GraphQLObjectType): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const conditionType = schema.getType(condition);
    return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
  };

  const rootType = schema.getRootType(operation.operation);
  if (!rootType || data === null) return { data: null, errors };
  return { data: completeObject(rootType, data, [operation.selectionSet], []), errors };
}

const toError = ({ code, requiredScopes }: Refusal, path: Path): GraphQLFormattedError => ({
  message: code === "UNAUTHENTICATED" ? "Sign in to read this field." : "You may not read this field.",
  path,
  extensions: { code, ...(requiredScopes && { requiredScopes }) },
});
