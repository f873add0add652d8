import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import type { DataRewrite, OperationKind } from "./query-plan.ts";

/** The type of what stands at a place. Objects of different types may have different fields there, of several types. */
export type PlaceType = GraphQLCompositeType | typeof several;
export const several = "several";

/** The type of a place where there are objects of one and of another. */
export const joinTypes = (one: PlaceType | undefined, other: PlaceType | undefined): PlaceType | undefined =>
  one === undefined || other === undefined || one === other ? (one ?? other) : several;

/** What a subgraph's reply holds at one place, over all types an object there may have. */
export interface ObjectShape {
  /** By response name. */
  readonly fields: Map<string, FieldShape>;
  /** The type of the field in the supergraph; undefined under `_entities`. */
  type: PlaceType | undefined;
  /** The selection sets this shape was made of, with the type each stands in. */
  readonly selections: { readonly selectionSet: SelectionSetNode; readonly type: GraphQLCompositeType | undefined }[];
}

export interface FieldShape {
  readonly name: string;
  /** What it is called in the reply where nothing stands under its name. */
  readonly source?: string | undefined;
  /** Lists around the value. */
  readonly listDepth: number;
  /** Undefined for a leaf. */
  readonly object: ObjectShape | undefined;
}

/** The reply of one fetch: its root object, or lists of entities by the name they stand under. */
export interface ReplyShape {
  readonly root: ObjectShape | undefined;
  readonly entities: ReadonlyMap<string, ObjectShape>;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** Reads the shape of a reply from the operation that asks for it; `isEntities` says that its root fields are `_entities`. */
export function readReplyShape(
  { operation, operationKind, isEntities }: { operation: string; operationKind: OperationKind; isEntities: boolean },
  supergraphSchema: GraphQLSchema,
): ReplyShape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let selectionSet: SelectionSetNode | undefined;
  for (const definition of parse(operation, { noLocation: true }).definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) selectionSet = definition.selectionSet;
  }
  if (!selectionSet) throw new TypeError("a fetch without an operation");
  const build = createShapeBuilder(supergraphSchema, fragments);
  if (!isEntities)
    return { root: build(selectionSet, rootType(supergraphSchema, operationKind)), entities: new Map(), fragments };
  const entities = new Map<string, ObjectShape>();
  for (const selection of selectionSet.selections) {
    if (selection.kind !== Kind.FIELD || !selection.selectionSet)
      throw new TypeError("a fetch of entities with other root fields");
    entities.set(selection.alias?.value ?? selection.name.value, build(selection.selectionSet, undefined));
  }
  return { root: undefined, entities, fragments };
}

function rootType(schema: GraphQLSchema, kind: OperationKind): GraphQLCompositeType | undefined {
  if (kind === "mutation") return schema.getMutationType() ?? undefined;
  return (kind === "subscription" ? schema.getSubscriptionType() : schema.getQueryType()) ?? undefined;
}

function createShapeBuilder(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const named = (name: string): GraphQLCompositeType | undefined => {
    const type = schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  };

  function collect(shape: ObjectShape, selectionSet: SelectionSetNode, type: GraphQLCompositeType | undefined): void {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) addField(shape, selection, type);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(shape, selection.selectionSet, selection.typeCondition ? named(selection.typeCondition.name.value) : type);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(shape, fragment.selectionSet, named(fragment.typeCondition.name.value));
      }
    }
  }

  function addField(shape: ObjectShape, node: FieldNode, parent: GraphQLCompositeType | undefined): void {
    const name = node.alias?.value ?? node.name.value;
    const type = fieldType(parent, node.name.value);
    if (node.name.value === "__typename" && (name === "__typename" || !shape.fields.has("__typename"))) {
      // Asked for under an alias only, it still tells the type.
      const source = name === "__typename" ? undefined : name;
      shape.fields.set("__typename", { name: "__typename", source, listDepth: 0, object: undefined });
    }
    let field = shape.fields.get(name);
    if (!field) {
      const leaf = getNamedType(type);
      const objectType = isCompositeType(leaf) ? leaf : undefined;
      field = {
        name,
        listDepth: listDepthOf(type),
        object: node.selectionSet ? { fields: new Map(), type: objectType, selections: [] } : undefined,
      };
      shape.fields.set(name, field);
    }
    if (!node.selectionSet || !field.object) return;
    const named = getNamedType(type);
    const childType = isCompositeType(named) ? named : undefined;
    field.object.type = joinTypes(field.object.type, childType);
    field.object.selections.push({ selectionSet: node.selectionSet, type: childType });
    collect(field.object, node.selectionSet, childType);
  }

  return (selectionSet: SelectionSetNode, type: GraphQLCompositeType | undefined): ObjectShape => {
    const shape: ObjectShape = { fields: new Map(), type, selections: [{ selectionSet, type }] };
    collect(shape, selectionSet, type);
    return shape;
  };
}

function fieldType(parent: GraphQLCompositeType | undefined, name: string): GraphQLOutputType | undefined {
  if (parent === undefined || isUnionType(parent) || name === "__typename") return undefined;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name]?.type : undefined;
}

function listDepthOf(type: GraphQLOutputType | undefined): number {
  if (type === undefined) return 0;
  if (isNonNullType(type)) return listDepthOf(type.ofType);
  return isListType(type) ? 1 + listDepthOf(type.ofType) : 0;
}

/** Fields that the plan renames after the fetch are read under their new names as well. */
export function addRenamedFields(shape: ObjectShape, rewrites: readonly DataRewrite[]): void {
  for (const rewrite of rewrites) if (rewrite.kind === "KeyRenamer") addRenamed(shape, rewrite.path, rewrite.renameKeyTo);
}

function addRenamed(shape: ObjectShape, path: readonly string[], renameTo: string): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  const field = shape.fields.get(first);
  if (first.startsWith("... on ")) addRenamed(shape, rest, renameTo);
  else if (!field) return;
  else if (rest.length === 0) mergeField(shape, { ...field, name: renameTo });
  else if (field.object) addRenamed(field.object, rest, renameTo);
}

/** Where other types have a field of the name already, objects of each are read in the same way. */
function mergeField(shape: ObjectShape, field: FieldShape): void {
  const known = shape.fields.get(field.name);
  if (!known) shape.fields.set(field.name, field);
  else if (!known.object) shape.fields.set(field.name, { ...known, source: known.source ?? field.source });
  else if (field.object && known.object !== field.object) {
    known.object.type = joinTypes(known.object.type, field.object.type);
    known.object.selections.push(...field.object.selections);
    for (const inner of field.object.fields.values()) mergeField(known.object, inner);
  }
}
