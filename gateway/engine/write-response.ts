import {
  executeSync,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { collectSelections, type SelectionContext } from "./collect-selections.ts";
import { leafCompletionOf } from "./complete-leaf.ts";
import type { DecodedValue } from "./decoded-data.ts";
import {
  childValues,
  elementValues,
  type JoinTables,
  latest,
  latestTypename,
  listOf,
  type Position,
  toView,
  type View,
} from "./positions.ts";

/** A null that no subgraph gave a reason for. */
export interface Violation {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

export interface WrittenResponse {
  /** JSON text of the value of `data`. */
  readonly data: string;
  readonly violations: readonly Violation[];
}

export interface ResponseSource {
  readonly context: SelectionContext;
  readonly operation: OperationDefinitionNode;
  readonly root: Position;
  readonly rootView: View;
  readonly tables: JoinTables;
}

export interface ObjectSource {
  readonly context: SelectionContext;
  /** Its definitions of variables are those of the selections. */
  readonly operation: OperationDefinitionNode;
  readonly position: Position | undefined;
  readonly view: View;
  readonly type: GraphQLCompositeType;
  readonly selectionSet: SelectionSetNode;
  readonly path: readonly (string | number)[];
  readonly tables: JoinTables;
}

/** A value that must not be null is: its parent becomes null. */
const propagate: unique symbol = Symbol("propagate");
type Written = string | typeof propagate;

/**
 * Writes the response by walking the client's operation over what was answered: only what was asked for, in its order,
 * with the null propagation of the specification. The plain version, which also finds the paths of violations;
 * `compile-writer.ts` is the fast one.
 */
export function writeResponse({ context, operation, root, rootView, tables }: ResponseSource): WrittenResponse {
  const { selectionSet } = operation;
  const type = rootTypeOf(context.schema, operation);
  return writeObjectAt({ context, operation, position: root, view: rootView, type, selectionSet, path: [], tables });
}

/** @throws TypeError */
export function rootTypeOf(schema: GraphQLSchema, { operation }: OperationDefinitionNode): GraphQLObjectType {
  const type = schema.getRootType(operation);
  if (!type) throw new TypeError(`the schema has no ${operation} type`);
  return type;
}

/** Writes one object of the response; `data` is null where a null that may not be reaches it. */
export function writeObjectAt(source: ObjectSource): WrittenResponse {
  const { context, operation, tables } = source;
  const { schema } = context;
  const violations: Violation[] = [];
  const path: (string | number)[] = [...source.path];
  const violate = (message: string): void => void violations.push({ message, path: [...path] });

  function writeObject(
    position: Position | undefined,
    view: View,
    type: GraphQLCompositeType,
    selectionSets: readonly SelectionSetNode[],
  ): Written {
    let text = "";
    for (const [name, nodes] of collectSelections(context, selectionSets, type.name)) {
      path.push(name);
      const written = writeNamed(name, nodes, position, view, type);
      path.pop();
      if (written === propagate) return propagate;
      text += `${text === "" ? "{" : ","}"${name}":${written}`;
    }
    return text === "" ? "{}" : `${text}}`;
  }

  function writeNamed(
    name: string,
    nodes: FieldNode[],
    position: Position | undefined,
    view: View,
    type: GraphQLCompositeType,
  ): Written {
    const fieldName = nodes[0]!.name.value;
    if (fieldName === "__typename") return isObjectType(type) ? JSON.stringify(type.name) : propagate;
    if (fieldName === "__schema" || fieldName === "__type") return introspect(schema, operation, context, nodes[0]!);
    const field = isUnionType(type) ? undefined : type.getFields()[fieldName];
    if (!field) return "null"; // validation keeps such operations out
    const child = position?.children.get(name);
    const selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
    const place = `field ${type.name}.${fieldName}`;
    if (selectionSets.length === 0) return writeLeaf(field.type, latest(view, `$${name}`), place);
    return writeComposite(field.type, child && childValues(child, view), child, selectionSets, place);
  }

  function writeLeaf(type: GraphQLOutputType, value: DecodedValue, place: string): Written {
    if (isNonNullType(type)) return required(writeLeafOrNull(type.ofType, value, place), place);
    const written = writeLeafOrNull(type, value, place);
    return written === propagate || written === undefined ? "null" : written;
  }

  /** Undefined for a null without a cause; propagate for one whose cause is noted. */
  function writeLeafOrNull(type: GraphQLOutputType, value: DecodedValue, place: string): Written | undefined {
    if (value === null || value === undefined) return undefined;
    if (isListType(type)) {
      if (!Array.isArray(value)) return noteInvalid(place);
      return writeList(value.length, (index) => writeLeaf(type.ofType, value[index], elementOf(type.ofType, index)));
    }
    const completed = typeof value === "string" && isLeafType(type) ? leafCompletionOf(type)(value) : undefined;
    return completed === undefined ? noteInvalid(place) : completed;
  }

  function writeComposite(
    type: GraphQLOutputType,
    values: readonly DecodedValue[] | null | undefined,
    position: Position | undefined,
    selectionSets: readonly SelectionSetNode[],
    place: string,
  ): Written {
    if (isNonNullType(type)) return required(writeCompositeOrNull(type.ofType, values, position, selectionSets, place), place);
    const written = writeCompositeOrNull(type, values, position, selectionSets, place);
    return written === propagate || written === undefined ? "null" : written;
  }

  function writeCompositeOrNull(
    type: GraphQLOutputType,
    values: readonly DecodedValue[] | null | undefined,
    position: Position | undefined,
    selectionSets: readonly SelectionSetNode[],
    place: string,
  ): Written | undefined {
    if (!values || !position) return undefined;
    if (isListType(type)) {
      const list = listOf(values);
      if (!list) return noteInvalid(place);
      const { ofType } = type;
      return writeList(list.length, (index) =>
        writeComposite(ofType, elementValues(values, index), position, selectionSets, elementOf(ofType, index)),
      );
    }
    const view = toView(position, values, tables);
    if (!view || !isCompositeType(type)) return noteInvalid(place);
    const runtimeType = runtimeTypeOf(type, latestTypename(view, schema));
    if (!runtimeType) {
      violate(`Invalid __typename found for object at ${place}.`); // the name may be inaccessible: it is not told
      return propagate;
    }
    return writeObject(position, view, runtimeType, selectionSets);
  }

  /** Undefined where a subgraph names a type that cannot stand here. */
  function runtimeTypeOf(type: GraphQLCompositeType, typename: string | undefined): GraphQLCompositeType | undefined {
    if (isObjectType(type) || typename === undefined || typename === type.name) return type;
    const named = schema.getType(typename);
    const canStand = (isObjectType(named) || isInterfaceType(named)) && schema.isSubType(type, named);
    return canStand ? named : undefined;
  }

  function writeList(length: number, writeItem: (index: number) => Written): Written {
    let text = "[";
    for (let index = 0; index < length; index++) {
      path.push(index);
      const written = writeItem(index);
      path.pop();
      if (written === propagate) return propagate;
      text += index === 0 ? written : `,${written}`;
    }
    return `${text}]`;
  }

  function required(written: Written | undefined, place: string): Written {
    if (written !== undefined) return written;
    violate(`Cannot return null for non-nullable ${place}.`);
    return propagate;
  }

  function noteInvalid(place: string): typeof propagate {
    violate(`Invalid value found for ${place}.`);
    return propagate;
  }

  const written = writeObject(source.position, source.view, source.type, [source.selectionSet]);
  return { data: written === propagate ? "null" : written, violations };
}

const elementOf = (type: GraphQLOutputType, index: number): string => `array element of type ${String(type)} at index ${index}`;

/** Answers `__schema` or `__type` from the API schema. */
function introspect(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  context: SelectionContext,
  node: FieldNode,
): string {
  const name = node.alias?.value ?? node.name.value;
  const { data, errors } = executeSync({
    schema,
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [{ ...node, directives: [] }] } },
        ...context.fragments.values(),
      ],
    },
    variableValues: { ...context.variables },
  });
  if (errors) throw new Error("introspection failed", { cause: errors satisfies readonly GraphQLError[] });
  return JSON.stringify(data?.[name] ?? null);
}
