import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type SelectionSetNode,
} from "graphql";
import { collectSelections, type SelectionContext } from "./collect-selections.ts";
import { createNumbers } from "./number-objects.ts";
import type { Position } from "./positions.ts";
import type { FetchStep, Program } from "./program.ts";
import type { PlanSelection } from "./query-plan.ts";
import type { ObjectShape } from "./reply-shape.ts";
import { leafEnd } from "./scan-json.ts";

/**
 * Leaves of an object that stand side by side in the reply and in the response, under the same names: they are cut out of
 * the one and put into the other as one piece of text, `"id":"1","body":"..."` (bench/engine).
 */
export interface LeafRun {
  /** The property of a decoded object that holds the text. */
  readonly key: `run${number}`;
  readonly leaves: readonly RunLeaf[];
}

export interface RunLeaf {
  readonly name: string;
  /** How its values are checked where they are cut out: a built-in scalar, `Any` for a custom one, or `__typename`. */
  readonly kind: "Boolean" | "Float" | "ID" | "Int" | "String" | "Any" | "__typename";
  readonly isNonNull: boolean;
  /** A representation needs it by itself as well. */
  readonly isRequired: boolean;
}

/** What may be read in runs. A decoder that meets another order reads single leaves, which writers can take as well. */
export type LeafRuns = ReadonlyMap<ObjectShape, readonly LeafRun[]>;

type Leaf = Omit<RunLeaf, "isRequired">;

/** Finds the runs of a program: those that all places of the response agree on which show objects of a shape. */
export function findLeafRuns(
  { root, steps }: Pick<Program, "root" | "steps">,
  context: SelectionContext,
  object: { readonly type: GraphQLCompositeType; readonly selectionSet: SelectionSetNode },
): LeafRuns {
  const readings = new Map<ObjectShape, Leaf[][][]>(); // for each place that reads a shape, its runs
  const visited = new Map<Position, Set<string>>();
  const numberOf = createNumbers();

  function visit(position: Position, type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): void {
    const key = `${type.name} ${selectionSets.map(numberOf).join()}`;
    const known = visited.get(position) ?? new Set();
    visited.set(position, known);
    if (known.has(key)) return;
    known.add(key);
    for (const possible of isObjectType(type) ? [type] : context.schema.getPossibleTypes(type)) {
      const fields = collectSelections(context, selectionSets, possible.name);
      noteRuns(position, possible, fields);
      for (const [name, nodes] of fields) visitField(position, possible, name, nodes);
    }
  }

  function visitField(position: Position, type: GraphQLCompositeType, name: string, nodes: readonly FieldNode[]): void {
    const child = position.children.get(name);
    const named = getNamedType(typeOf(type, nodes[0]!.name.value));
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (child && isCompositeType(named)) visit(child, named, selectionSets);
  }

  function noteRuns(position: Position, type: GraphQLCompositeType, fields: ReadonlyMap<string, readonly FieldNode[]>): void {
    const runs = position.sources.map((): Leaf[][] => []);
    let last: { readonly source: number; readonly place: number } | undefined;
    for (const [name, [node]] of fields) {
      const holders = position.sources.flatMap(({ shape }, source) => (shape.fields.has(name) ? [source] : []));
      const [source, ...others] = holders;
      const leaf = node && leafOf(name, typeOf(type, node.name.value), node);
      if (source === undefined || others.length > 0 || !leaf) {
        last = undefined;
        continue;
      }
      const place = placeOf(position.sources[source]!.shape, name);
      if (last?.source === source && last.place + 1 === place) runs[source]!.at(-1)!.push(leaf);
      else runs[source]!.push([leaf]);
      last = { source, place };
    }
    position.sources.forEach(({ shape }, source) => {
      readings.set(shape, [...(readings.get(shape) ?? []), runs[source]!.filter(({ length }) => length > 1)]);
    });
  }

  visit(root, object.type, [object.selectionSet]);
  const required = requiredLeaves(steps);
  const found = new Map<ObjectShape, LeafRun[]>();
  for (const [shape, [first = [], ...others]] of readings) {
    const agreed = first.filter((run) => others.every((runs) => runs.some((other) => isSame(run, other))));
    found.set(
      shape,
      agreed.map((run, index) => ({
        key: `run${index}`,
        leaves: run.map((leaf) => ({ ...leaf, isRequired: required.get(shape)?.has(leaf.name) ?? false })),
      })),
    );
  }
  return found;
}

function leafOf(name: string, type: GraphQLOutputType | undefined, node: FieldNode): Leaf | undefined {
  if (node.name.value === "__typename") return { name, kind: "__typename", isNonNull: true };
  const isNonNull = isNonNullType(type);
  const nullable = isNonNull ? type.ofType : type;
  if (!isScalarType(nullable)) return undefined; // the values of enums are looked at one by one
  return { name, kind: builtIn.find((kind) => kind === nullable.name) ?? "Any", isNonNull };
}

const builtIn = ["Boolean", "Float", "ID", "Int", "String"] as const;

const typeOf = (type: GraphQLCompositeType, fieldName: string): GraphQLOutputType | undefined =>
  isUnionType(type) ? undefined : type.getFields()[fieldName]?.type;

const placeOf = ({ fields }: ObjectShape, name: string): number => [...fields.keys()].indexOf(name);

const isSame = (a: readonly Leaf[], b: readonly Leaf[]): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The leaves that representations are made of. */
function requiredLeaves(steps: Program["steps"]): Map<ObjectShape, Set<string>> {
  const required = new Map<ObjectShape, Set<string>>();
  const note = (position: Position, selections: readonly PlanSelection[]): void => {
    for (const selection of selections) {
      if (selection.kind === "InlineFragment") {
        note(position, selection.selections);
        continue;
      }
      const name = selection.alias ?? selection.name;
      for (const { shape } of position.sources) required.set(shape, (required.get(shape) ?? new Set()).add(name));
      const child = position.children.get(name);
      if (child && selection.selections) note(child, selection.selections);
    }
  };
  for (const { joins } of steps) for (const { position, requires } of joins) note(position, requires);
  return required;
}

/** Tells the runs of one reply from those of another, for the keys of decoders. */
export const describeRuns = (runs: LeafRuns, step: Pick<FetchStep, "parts">): string =>
  JSON.stringify(shapesOf(step).map((shape) => runs.get(shape)?.map(({ leaves }) => leaves) ?? []));

/**
 * The runs that steps with the same request agree on: they get the same reply, read once, by the decoder of whichever
 * asks first. `requestOf` tells the requests apart.
 */
export function sharedRuns<Step extends Pick<FetchStep, "parts">>(
  runs: LeafRuns,
  steps: readonly Step[],
  requestOf: (step: Step) => string,
): LeafRuns {
  const agreed = new Map(runs);
  for (const alike of Map.groupBy(steps, requestOf).values()) {
    const [first, ...others] = alike.map((step) => describeRuns(runs, step));
    if (others.every((other) => other === first)) continue;
    for (const shape of alike.flatMap(shapesOf)) agreed.delete(shape);
  }
  return agreed;
}

/** The shapes of a reply, those of its parts before what is below them. */
function shapesOf({ parts }: Pick<FetchStep, "parts">): ObjectShape[] {
  const withBelow = (shape: ObjectShape): ObjectShape[] => [
    shape,
    ...[...shape.fields.values()].flatMap(({ object }) => (object ? withBelow(object) : [])),
  ];
  return parts.flatMap(({ shape }) => withBelow(shape));
}

/**
 * Gives decoded objects the single leaves of their runs, for readers who do not know runs. The text of each run has been
 * checked when it was cut out.
 */
export function restoreLeaves(value: unknown, shape: ObjectShape, runs: LeafRuns): void {
  if (Array.isArray(value)) {
    for (const item of value) restoreLeaves(item, shape, runs);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  for (const { key, leaves } of runs.get(shape) ?? []) {
    const text = object[key];
    if (typeof text !== "string") continue;
    let at = 0;
    for (const { name } of leaves) {
      at += JSON.stringify(name).length + 1;
      const end = leafEnd(text, at);
      const leaf = text.slice(at, end);
      object[`$${name}`] = leaf === "null" ? null : leaf;
      at = end + 1;
    }
  }
  for (const field of shape.fields.values()) {
    if (field.object) restoreLeaves(object[`$${field.name}`], field.object, runs);
  }
}
