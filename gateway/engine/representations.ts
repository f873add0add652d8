import { type GraphQLSchema, isObjectType } from "graphql";
import { applyRewrites } from "./data-rewrites.ts";
import { type DecodedObject, type DecodedValue, invalid } from "./decoded-data.ts";
import type { EntityIndex } from "./entity-index.ts";
import {
  childValues,
  elementValues,
  type JoinTables,
  latest,
  latestTypename,
  listOf,
  type Position,
  partsOf,
  toView,
  type View,
} from "./positions.ts";
import type { Join, Place } from "./program.ts";
import type { PlanField, PlanSelection } from "./query-plan.ts";
import { isOfType } from "./type-conditions.ts";

/** Distinct representations by their JSON text, numbered in the order in which they are asked for. */
export type RepresentationTexts = Map<string, number>;

/**
 * Collects the representations of a join from what was answered so far, into the texts of its request, and gives for
 * each object the number of its own. Objects that need the same share it; those that lack an input are left out.
 */
export function collectRepresentations(
  join: Join,
  root: View,
  tables: JoinTables,
  schema: GraphQLSchema,
  texts: RepresentationTexts,
): EntityIndex {
  const indexOf = new Map<DecodedObject, number>();
  const project = createProjector(join, schema);
  visitObjects(join, { root, tables, schema }, (view, parts) => {
    const known = indexOf.get(parts[0]!); // it stands at several places
    const index = known ?? addRepresentation(project(view, tables), texts);
    if (index >= 0) for (const part of parts) indexOf.set(part, indexOf.get(part) ?? index);
  });
  return indexOf;
}

/** The number of a representation among those to ask for; -1 for one that cannot be made. */
export function addRepresentation(text: string | undefined, texts: RepresentationTexts): number {
  if (text === undefined) return -1;
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, texts.size);
  return texts.size - 1;
}

/** What was answered so far. */
export interface Answered {
  readonly root: View;
  readonly tables: JoinTables;
  readonly schema: GraphQLSchema;
}

/**
 * Calls `visit` for each object at a place, in the order of the response, with the parts that join tables know it by and
 * with its path where one is passed. `ancestors` are the objects from the root down to this one; they change from call to
 * call.
 */
export function visitObjects(
  { position, guards }: Place,
  { root, tables, schema }: Answered,
  visit: (view: View, parts: readonly DecodedObject[], ancestors: readonly View[]) => void,
  path?: (string | number)[],
): void {
  const way: Position[] = [];
  let top = position;
  for (; top.parent; top = top.parent) way.unshift(top);
  const ancestors: View[] = [];

  const descend = (depth: number, view: View): void => {
    const child = way[depth];
    const guard = guards[depth];
    ancestors[depth] = view;
    if (guard && !guard(typenameAt(way[depth - 1] ?? top, view, schema))) return;
    if (child === undefined) {
      const parts = partsOf(position, view);
      if (parts.length > 0) visit(view, parts, ancestors);
      return;
    }
    const values = childValues(child, view);
    if (!values) return;
    path?.push(child.name);
    open(depth, child, values);
    path?.pop();
  };
  const open = (depth: number, child: Position, values: readonly DecodedValue[]): void => {
    const list = listOf(values);
    if (!list) {
      const view = toView(child, values, tables);
      if (view) descend(depth + 1, view);
      return;
    }
    for (let index = 0; index < list.length; index++) {
      const elements = elementValues(values, index);
      if (!elements) continue;
      path?.push(index);
      open(depth, child, elements);
      path?.pop();
    }
  };
  descend(0, root);
}

type Projector = (view: View, tables: JoinTables) => string | undefined;

/** Makes the JSON text of an object's representation; undefined when a required field was not answered. */
export function createProjector({ position, requires, inputRewrites }: Join, schema: GraphQLSchema): Projector {
  return (view, tables) => {
    const typename = typenameAt(position, view, schema);
    if (typename !== undefined && !schema.getType(typename)) return undefined;
    const text = projectObject(position, view, requires, tables, schema);
    if (text === undefined || !text.includes('"__typename":')) return undefined;
    if (inputRewrites.length === 0) return text;
    const representation: unknown = JSON.parse(text);
    applyRewrites(schema, inputRewrites, representation);
    return JSON.stringify(representation);
  };
}

function projectObject(
  position: Position,
  view: View,
  requires: readonly PlanSelection[],
  tables: JoinTables,
  schema: GraphQLSchema,
): string | undefined {
  const typename = typenameAt(position, view, schema);
  const fields = new Map<string, PlanField[]>();
  const has = (name: string): boolean => name === "__typename" || latest(view, `$${name}`) !== undefined;
  if (!collectFields(requires, typename, schema, has, fields)) return undefined;
  let text = "";
  for (const [name, nodes] of fields) {
    const value =
      name === "__typename" ? typename && JSON.stringify(typename) : projectField(position, name, view, nodes, tables, schema);
    if (value === undefined) return undefined;
    text += `${text === "" ? "{" : ","}"${name}":${value}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function projectField(
  position: Position,
  name: string,
  view: View,
  nodes: readonly PlanField[],
  tables: JoinTables,
  schema: GraphQLSchema,
): string | undefined {
  const child = position.children.get(name);
  const selections = nodes.flatMap((node) => node.selections ?? []);
  if (selections.length === 0 || !child) return leafText(latest(view, `$${name}`));
  const values = childValues(child, view);
  if (values === undefined) return undefined;
  const write = (items: readonly DecodedValue[] | null): string => {
    if (items === null) return "null";
    const list = listOf(items);
    if (list) return `[${list.map((_, index) => write(elementValues(items, index))).join(",")}]`;
    const object = toView(child, items, tables);
    return (object && projectObject(child, object, selections, tables, schema)) ?? "null";
  };
  return write(values);
}

/** A leaf or a list of leaves as JSON text. */
export function leafText(value: DecodedValue): string | undefined {
  if (value === undefined || value === invalid) return undefined;
  if (value === null) return "null";
  if (typeof value === "string") return value;
  return Array.isArray(value) ? `[${value.map((item: DecodedValue) => leafText(item) ?? "null").join(",")}]` : undefined;
}

/** The type of an object: what the fetches called it, else the only type its place allows. */
export function typenameAt(position: Position, view: View, schema: GraphQLSchema): string | undefined {
  return latestTypename(view, schema) ?? (isObjectType(position.type) ? position.type.name : undefined);
}

/**
 * The fields to copy of an object of a type. A fragment one of whose fields was not answered brings nothing: several
 * stand side by side when fields of the fetch need different inputs. False when that befalls the selections themselves.
 */
function collectFields(
  selections: readonly PlanSelection[],
  typename: string | undefined,
  schema: GraphQLSchema,
  has: (name: string) => boolean,
  fields: Map<string, PlanField[]>,
): boolean {
  if (selections.some((selection) => selection.kind === "Field" && !has(selection.alias ?? selection.name))) return false;
  for (const selection of selections) {
    if (selection.kind === "Field") {
      const name = selection.alias ?? selection.name;
      const nodes = fields.get(name);
      if (nodes) nodes.push(selection);
      else fields.set(name, [selection]);
    } else if (selection.typeCondition === undefined || isOfType(schema, typename, selection.typeCondition)) {
      collectFields(selection.selections, typename, schema, has, fields);
    }
  }
  return true;
}
