import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { typeKey } from "./random-operation.ts";
import type { RandomSource } from "./random-source.ts";

/** Answers an operation with random values of the schema's types: what a correct gateway may send. */
export function answerRandomly(
  random: RandomSource,
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): ExecutionResult {
  const value = (type: GraphQLOutputType): unknown => {
    if (isNonNullType(type)) return value(type.ofType) ?? value(type.ofType) ?? fallback(type.ofType);
    if (random.chance(0.15)) return null;
    return fallback(type);
  };
  const fallback = (type: GraphQLOutputType): unknown => {
    if (isNonNullType(type)) return fallback(type.ofType);
    if (isListType(type))
      return Array.from(
        { length: random.integer(3) },
        () => value(type.ofType) ?? (isNonNullType(type.ofType) ? fallback(type.ofType) : null),
      );
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isAbstractType(type)) {
      const possible = schema.getPossibleTypes(type);
      return possible.length === 0 ? null : { __typename: random.pick(possible).name };
    }
    if (isObjectType(type)) return { __typename: type.name };
    return { Int: 3, Float: 2.5, String: "text", Boolean: false, ID: "id" }[type.name] ?? null;
  };
  return executeSync({
    schema,
    document,
    variableValues: variables,
    rootValue: {},
    fieldResolver: (_source, _arguments, _context, info) => value(info.returnType),
    typeResolver: (source: { __typename: string }) => source.__typename,
  });
}

/** What a client typed for `schema` would stumble over in an answer; undefined: nothing. */
export function shapeFault(schema: GraphQLSchema, document: DocumentNode, data: unknown): string | undefined {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)!;
  return objectFault(schema, operation.selectionSet, schema.getQueryType()!, data as Record<string, unknown>, "data");
}

function objectFault(
  schema: GraphQLSchema,
  set: SelectionSetNode,
  type: GraphQLObjectType,
  data: Record<string, unknown>,
  path: string,
): string | undefined {
  for (const [key, nodes] of collect(schema, set, type, new Map())) {
    const [node] = nodes as [FieldNode, ...FieldNode[]];
    if (node.name.value === "__typename") continue;
    const field = type.getFields()[node.name.value];
    if (!field) return `${path}.${key}: no such field in ${type.name}`;
    const merged: SelectionSetNode = {
      kind: Kind.SELECTION_SET,
      selections: nodes.flatMap((one) => one.selectionSet?.selections ?? []),
    };
    const fault = valueFault(schema, field.type, merged, data[key], `${path}.${key}`);
    if (fault) return fault;
  }
  return undefined;
}

function collect(
  schema: GraphQLSchema,
  { selections }: SelectionSetNode,
  type: GraphQLObjectType,
  found: Map<string, FieldNode[]>,
): Map<string, FieldNode[]> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      found.set(key, [...(found.get(key) ?? []), selection]);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = schema.getType(selection.typeCondition!.name.value);
      if (condition === type || (isAbstractType(condition) && schema.isSubType(condition, type)))
        collect(schema, selection.selectionSet, type, found);
    }
  }
  return found;
}

function valueFault(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  set: SelectionSetNode,
  value: unknown,
  path: string,
): string | undefined {
  if (isNonNullType(type))
    return value === null || value === undefined ? `${path}: null` : valueFault(schema, type.ofType, set, value, path);
  if (value === null) return undefined;
  if (value === undefined) return `${path}: missing`;
  if (isListType(type)) {
    if (!Array.isArray(value)) return `${path}: no list`;
    return value
      .map((item, index) => valueFault(schema, type.ofType, set, item, `${path}.${index}`))
      .find((fault) => fault !== undefined);
  }
  if (isEnumType(type)) return type.getValue(String(value)) ? undefined : `${path}: unknown value ${String(value)}`;
  if (isObjectType(type) || isAbstractType(type)) {
    if (typeof value !== "object" || Array.isArray(value)) return `${path}: no object`;
    const name = (value as Record<string, unknown>)[typeKey];
    const runtime = schema.getType(String(name));
    const fits = isObjectType(runtime) && (runtime === type || (isAbstractType(type) && schema.isSubType(type, runtime)));
    return fits
      ? objectFault(schema, set, runtime, value as Record<string, unknown>, path)
      : `${path}: a ${String(name)} where ${type.name} is expected`;
  }
  const expected = {
    Int: Number.isInteger(value),
    Float: typeof value === "number",
    String: typeof value === "string",
    ID: typeof value === "string",
    Boolean: typeof value === "boolean",
  }[type.name];
  return expected === false ? `${path}: ${JSON.stringify(value)} is no ${type.name}` : undefined;
}
