import { type ContextSource, contextPosition } from "./context-source.ts";
import type { DecodedObject, DecodedValue } from "./decoded-data.ts";
import { childValues, elementValues, latest, listOf, type Position, toView, type View } from "./positions.ts";
import type { Join } from "./program.ts";
import {
  type Answered,
  addRepresentation,
  createProjector,
  leafText,
  type RepresentationTexts,
  typenameAt,
  visitObjects,
} from "./representations.ts";
import { isOfType } from "./type-conditions.ts";

/** Representations that are asked for with the same values of their contexts. */
export interface ContextGroup {
  /** JSON text by variable; without those whose context is not known, whose fields are not asked for then. */
  readonly values: ReadonlyMap<string, string>;
  readonly texts: RepresentationTexts;
}

export interface CollectedByContext {
  readonly groups: readonly ContextGroup[];
  /** The entity of each object, numbered through all groups. */
  readonly indexOf: ReadonlyMap<DecodedObject, number>;
  /** Whether an object that sets a context lacks its value. */
  readonly lacksValue: boolean;
}

/** Collects representations as `collectRepresentations` does, apart by the contexts each object stands in. */
export function collectByContext(join: Join, contexts: readonly ContextSource[], answered: Answered): CollectedByContext {
  const { tables, schema } = answered;
  const project = createProjector(join, schema);
  let lacksValue = false;
  const groups = new Map<string, ContextGroup & { readonly indexOf: Map<DecodedObject, number> }>();
  visitObjects(join, answered, (view, [part], ancestors) => {
    const values = valuesOf(ancestors);
    const key = [...values].join();
    const group = groups.get(key) ?? { values, texts: new Map(), indexOf: new Map() };
    groups.set(key, group);
    const index = addRepresentation(project(view, tables), group.texts);
    if (part && index >= 0) group.indexOf.set(part, index); // by one part: each that is noted gets a copy
  });

  function valuesOf(ancestors: readonly View[]): Map<string, string> {
    const values = new Map<string, string>();
    for (const context of contexts) {
      const position = contextPosition(join.position, context);
      const view = ancestors[ancestors.length - 1 - context.levelsUp];
      const text = position && view && textAt(position, view, context.path);
      if (typeof text === "string") values.set(context.variable, text);
      else if (text === undefined) lacksValue = true;
    }
    return values;
  }

  /** Null where the object is of another type; undefined where the value was not answered. */
  function textAt(position: Position, view: View, [first, ...rest]: readonly string[]): string | null | undefined {
    if (first === undefined) return undefined;
    if (first.startsWith("... on ")) {
      const isMet = isOfType(schema, typenameAt(position, view, schema), first.slice("... on ".length));
      return isMet ? textAt(position, view, rest) : null;
    }
    if (rest.length === 0) return leafText(latest(view, `$${first}`));
    const child = position.children.get(first);
    const values = child && childValues(child, view);
    if (!child || values === undefined) return undefined;
    const write = (items: readonly DecodedValue[] | null): string | null | undefined => {
      if (items === null) return "null";
      const list = listOf(items);
      if (list) return `[${list.map((_, index) => write(elementValues(items, index)) ?? "null").join(",")}]`;
      const object = toView(child, items, tables);
      return object && textAt(child, object, rest);
    };
    return write(values);
  }

  const filled = [...groups.values()].filter(({ texts }) => texts.size > 0);
  const indexOf = new Map<DecodedObject, number>();
  let offset = 0;
  for (const group of filled) {
    for (const [object, index] of group.indexOf) indexOf.set(object, offset + index);
    offset += group.texts.size;
  }
  return { groups: filled, indexOf, lacksValue };
}
