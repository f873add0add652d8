import { type GraphQLSchema, isInterfaceType } from "graphql";
import { type DecodedList, type DecodedObject, type DecodedValue, isDecodedObject } from "./decoded-data.ts";
import type { EntityIndex } from "./entity-index.ts";
import { joinTypes, type ObjectShape, type PlaceType } from "./reply-shape.ts";

/**
 * A place in the response, by response names from the root (lists do not count). Several fetches may hold a part of an
 * object there: its sources, in the order of the plan, where the later one wins.
 */
export interface Position {
  readonly name: string;
  readonly parent: Position | undefined;
  readonly sources: Source[];
  readonly children: Map<string, Position>;
  /** The type of objects here in the supergraph; undefined when no fetch says. */
  type: PlaceType | undefined;
}

export interface Source {
  /** The join it came with: the index of its table. */
  readonly table: number;
  /** Index in the parent's sources of the object this one is a field of; -1 where a fetch joins its own objects in. */
  readonly parent: number;
  readonly shape: ObjectShape;
}

export const createRoot = (): Position => ({ name: "", parent: undefined, sources: [], children: new Map(), type: undefined });

/** Adds what a fetch brings to a position and below it. */
export function addSource(position: Position, table: number, parent: number, shape: ObjectShape): void {
  const index = position.sources.push({ table, parent, shape }) - 1;
  position.type = joinTypes(position.type, shape.type);
  for (const field of shape.fields.values()) {
    if (field.object) addSource(childOf(position, field.name), table, index, field.object);
  }
}

export function childOf(position: Position, name: string): Position {
  const known = position.children.get(name);
  if (known) return known;
  const child: Position = { name, parent: position, sources: [], children: new Map(), type: undefined };
  position.children.set(name, child);
  return child;
}

/** One object of the response while a request runs: its part of each source of its position. */
export type View = readonly (DecodedObject | undefined)[];

/** What was answered for the objects of a join: the number of each object's entity, by the parts of the object. */
export interface JoinTable {
  readonly indexOf: EntityIndex;
  readonly entities: readonly (DecodedObject | undefined)[];
}

export type JoinTables = readonly (JoinTable | undefined)[];

/** The entity that was joined to an object. */
function joined(table: JoinTable | undefined, parts: readonly DecodedObject[]): DecodedObject | undefined {
  const index = table && indexOfParts(table.indexOf, parts);
  return index === undefined ? undefined : table?.entities[index];
}

/**
 * The number of an object's entity. Any part may be the one it was noted for: when it was, others had not been answered
 * by fetches that nothing made wait for each other.
 */
export function indexOfParts(indexOf: EntityIndex, parts: readonly DecodedObject[]): number | undefined {
  for (const part of parts) {
    const index = indexOf.get(part);
    if (index !== undefined) return index;
  }
  return undefined;
}

/** The parts of an object that came with its parent: what join tables are keyed by. Of the root, all are. */
export const partsOf = (position: Position, view: View): readonly DecodedObject[] =>
  view.filter(
    (part, index): part is DecodedObject =>
      part !== undefined && (position.parent === undefined || position.sources[index]!.parent >= 0),
  );

/** A field of an object: what each source of the child position has for it, null, or undefined where no fetch answered it. */
export function childValues(child: Position, parentView: View): readonly DecodedValue[] | null | undefined {
  const values: DecodedValue[] = new Array(child.sources.length).fill(undefined);
  const key = `$${child.name}` as const;
  let state: null | undefined | true;
  for (let index = 0; index < values.length; index++) {
    const owner = parentView[child.sources[index]!.parent];
    const value = owner?.[key];
    if (value === undefined) continue;
    if (value === null) {
      values.fill(undefined); // the later fetch says there is nothing
      state = null;
    } else {
      values[index] = value;
      state = true;
    }
  }
  return state === true ? values : state;
}

/** Element `index` of a list that several sources have. */
export function elementValues(values: readonly DecodedValue[], index: number): readonly DecodedValue[] | null {
  const elements: DecodedValue[] = new Array(values.length).fill(undefined);
  let found = false;
  for (let source = 0; source < values.length; source++) {
    const list = values[source];
    const element = Array.isArray(list) ? (list as DecodedList)[index] : undefined;
    if (element === undefined) continue;
    if (element === null) {
      elements.fill(undefined);
      found = false;
    } else {
      elements[source] = element;
      found = true;
    }
  }
  return found ? elements : null;
}

/** Completes an object by the entities that were fetched for it. Undefined when a source holds something else than an object. */
export function toView(position: Position, values: readonly DecodedValue[], tables: JoinTables): View | undefined {
  const view: (DecodedObject | undefined)[] = [];
  const parts: DecodedObject[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined || value === null) view.push(undefined);
    else if (isDecodedObject(value)) {
      parts.push(value);
      view.push(value);
    } else return undefined;
  }
  if (parts.length === 0) return undefined;
  for (let index = 0; index < view.length; index++) {
    const { parent, table } = position.sources[index]!;
    if (parent < 0) view[index] = joined(tables[table], parts);
  }
  return view;
}

/** The first list among what several sources have for a field. */
export const listOf = (values: readonly DecodedValue[]): DecodedList | undefined =>
  values.find((value): value is DecodedList => Array.isArray(value));

/** A field of an object as the latest source has it. */
export function latest(view: View, key: `$${string}`): DecodedValue {
  for (let index = view.length - 1; index >= 0; index--) {
    const value = view[index]?.[key];
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * What the sources call the type of an object. A subgraph that has an interface as an object knows only the interface's
 * name, which must not hide the object type another one told.
 */
export function latestTypename(view: View, schema: GraphQLSchema): string | undefined {
  let typename: string | undefined;
  for (let index = view.length - 1; index >= 0; index--) {
    const text = view[index]?.$__typename;
    if (typeof text !== "string") continue;
    const name = text.startsWith('"') ? text.slice(1, -1) : text; // what is no text names no type
    if (!isInterfaceType(schema.getType(name))) return name;
    typename ??= name;
  }
  return typename;
}
