import { type GraphQLCompositeType, getNamedType, isCompositeType, isUnionType, Kind, type SelectionSetNode } from "graphql";
import { collectSelections, isIncluded, type SelectionContext } from "./collect-selections.ts";
import type { DecodedValue } from "./decoded-data.ts";
import type { DeferredFragment, DeferredOperation } from "./executor.ts";
import {
  childValues,
  elementValues,
  type JoinTables,
  latestTypename,
  listOf,
  type Position,
  toView,
  type View,
} from "./positions.ts";
import { isOfType } from "./type-conditions.ts";

export type Path = readonly (string | number)[];

/** A deferred fragment on one object of the response. */
export interface Deferral {
  readonly fragment: DeferredFragment;
  readonly path: Path;
  readonly type: GraphQLCompositeType;
}

/** An object of the response, and what is selected of it. */
export interface SelectedObject {
  readonly position: Position | undefined;
  readonly view: View;
  readonly type: GraphQLCompositeType;
  readonly selectionSets: readonly SelectionSetNode[];
  readonly path: Path;
}

/**
 * The deferred fragments that apply to an object and to what stands below it in the same part, outer before inner; it
 * goes only where something is deferred. `isEnough` ends the search.
 */
export function findDeferrals(
  { takenFrom, reaching }: DeferredOperation,
  context: SelectionContext,
  tables: JoinTables,
  object: SelectedObject,
  isEnough: (found: number) => boolean,
): readonly Deferral[] {
  const { schema, variables } = context;
  const found: Deferral[] = [];
  const path: (string | number)[] = [...object.path];

  function visitObject(
    position: Position | undefined,
    view: View,
    type: GraphQLCompositeType,
    selectionSets: readonly SelectionSetNode[],
  ): void {
    for (const set of selectionSets) noteTaken(set, type);
    for (const [name, nodes] of collectSelections(context, selectionSets, type.name)) {
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const field = isUnionType(type) ? undefined : type.getFields()[nodes[0]!.name.value];
      const child = position?.children.get(name);
      if (!field || !child || !below.some((set) => reaching.has(set))) continue;
      const named = getNamedType(field.type);
      path.push(name);
      if (isCompositeType(named)) visitValues(child, childValues(child, view), named, below);
      path.pop();
    }
  }

  /** Notes what was taken out of a selection set and of the fragments in it that apply to the object. */
  function noteTaken(set: SelectionSetNode, type: GraphQLCompositeType): void {
    for (const fragment of takenFrom.get(set) ?? []) {
      if (isEnough(found.length)) return;
      if (isIncluded(fragment.node, variables) && applies(type, fragment.typeCondition))
        found.push({ fragment, path: [...path], type });
    }
    for (const selection of set.selections) {
      // A spread does not reach: fragments in which something is deferred were written in place.
      if (selection.kind !== Kind.INLINE_FRAGMENT || !reaching.has(selection.selectionSet)) continue;
      if (isIncluded(selection, variables) && applies(type, selection.typeCondition?.name.value))
        noteTaken(selection.selectionSet, type);
    }
  }

  const applies = (type: GraphQLCompositeType, condition: string | undefined): boolean =>
    condition === undefined || isOfType(schema, type.name, condition);

  function visitValues(
    position: Position,
    values: readonly DecodedValue[] | null | undefined,
    type: GraphQLCompositeType,
    selectionSets: readonly SelectionSetNode[],
  ): void {
    if (!values || isEnough(found.length)) return;
    const list = listOf(values);
    if (list) {
      for (let index = 0; index < list.length; index++) {
        path.push(index);
        visitValues(position, elementValues(values, index), type, selectionSets);
        path.pop();
      }
      return;
    }
    const view = toView(position, values, tables);
    if (!view) return;
    const typename = latestTypename(view, schema);
    const runtimeType = typename === undefined ? type : schema.getType(typename);
    if (isCompositeType(runtimeType)) visitObject(position, view, runtimeType, selectionSets);
  }

  visitObject(object.position, object.view, object.type, object.selectionSets);
  return found;
}
