import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from "graphql";
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
  /** Abstract where what says more is fetched with the fragment; the conditions are then yet to be looked at. */
  readonly type: GraphQLCompositeType;
  readonly typeConditions: readonly string[];
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
    for (const set of selectionSets) noteTaken(set, type, []);
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
  function noteTaken(set: SelectionSetNode, type: GraphQLCompositeType, conditions: readonly string[]): void {
    for (const fragment of takenFrom.get(set) ?? []) {
      if (isEnough(found.length)) return;
      const typeConditions = withCondition(conditions, fragment.typeCondition);
      if (isIncluded(fragment.node, variables) && typeConditions.every((condition) => mayApply(schema, type, condition)))
        found.push({ fragment, path: [...path], type, typeConditions });
    }
    for (const selection of set.selections) {
      // A spread does not reach: fragments in which something is deferred were written in place.
      if (selection.kind !== Kind.INLINE_FRAGMENT || !reaching.has(selection.selectionSet)) continue;
      const inner = withCondition(conditions, selection.typeCondition?.name.value);
      if (isIncluded(selection, variables)) noteTaken(selection.selectionSet, type, inner);
    }
  }

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

const withCondition = (conditions: readonly string[], condition: string | undefined): readonly string[] =>
  condition === undefined ? conditions : [...conditions, condition];

/** Whether a condition holds for an object; where only an abstract type of it is known, whether it can. */
function mayApply(schema: GraphQLSchema, type: GraphQLCompositeType, condition: string): boolean {
  if (isOfType(schema, type.name, condition)) return true;
  return isAbstractType(type) && schema.getPossibleTypes(type).some(({ name }) => isOfType(schema, name, condition));
}
