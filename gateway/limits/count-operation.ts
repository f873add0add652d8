import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationTypeNode, type SelectionSetNode } from "graphql";
import { selectOperation } from "./select-operation.ts";

/** The size of one operation with its fragments expanded. Counts stop at `saturation`. */
export type OperationCounts = {
  readonly kind: OperationTypeNode;
  /** Levels of fields; what stands under `__schema` and `__type` is left out, as introspection has a rule of its own. */
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  /** Fragments under `@defer`, in effect or not. */
  readonly defers: number;
  /** The most of any operation and fragment in the document, as validation goes through all of them. */
  readonly selections: number;
  /** How often the most repeated field stands in one selection set of the document: validation compares all of them in pairs. */
  readonly repeatedField: number;
  /** True where `__schema` or `__type` is asked for. */
  readonly introspection: boolean;
  /** The name of a fragment that spreads itself, directly or through others; null for none. */
  readonly fragmentCycle: string | null;
};

/** Fragments double with every level: past this a count says only "too many". */
export const saturation = 1_000_000;

type Totals = {
  depth: number;
  aliases: number;
  /** Fields on the level of the selection set itself, fragments expanded. */
  ownFields: number;
  directives: number;
  defers: number;
  selections: number;
  introspection: boolean;
};

/**
 * Counts an operation as if every fragment were written out. Each definition is walked once, so the cost is linear
 * in the document, whatever its expansion would be. @throws RequestError OPERATION_RESOLUTION_FAILURE
 */
export function countOperation(document: DocumentNode, operationName: string | null | undefined): OperationCounts {
  const operation = selectOperation(document, operationName);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const totalsOf = new Map<string, Totals | "open">();
  let fragmentCycle: string | null = null;
  let repeatedField = 0;

  const ofFragment = (name: string): Totals => {
    const known = totalsOf.get(name);
    if (known === "open") {
      fragmentCycle = name;
      return emptyTotals();
    }
    if (known) return known;
    const fragment = fragments.get(name);
    if (!fragment) return emptyTotals(); // validation names it
    totalsOf.set(name, "open");
    const totals = ofSelections(fragment.selectionSet);
    totals.directives = capped(totals.directives + (fragment.directives?.length ?? 0));
    totalsOf.set(name, totals);
    return totals;
  };

  const ofSelections = (selectionSet: SelectionSetNode): Totals => {
    const totals = emptyTotals();
    repeatedField = Math.max(repeatedField, mostRepeatedField(selectionSet));
    for (const selection of selectionSet.selections) {
      totals.selections = capped(totals.selections + 1);
      totals.directives = capped(totals.directives + (selection.directives?.length ?? 0));
      if (selection.directives?.some(({ name }) => name.value === "defer")) totals.defers = capped(totals.defers + 1);
      if (selection.kind === Kind.FRAGMENT_SPREAD) addBeside(totals, ofFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) addBeside(totals, ofSelections(selection.selectionSet));
      else {
        const introspects = selection.name.value === "__schema" || selection.name.value === "__type";
        totals.ownFields = capped(totals.ownFields + 1);
        if (selection.alias) totals.aliases = capped(totals.aliases + 1);
        if (introspects) totals.introspection = true;
        addBelow(totals, selection.selectionSet ? ofSelections(selection.selectionSet) : emptyTotals(), introspects);
      }
    }
    return totals;
  };

  const totals = ofSelections(operation.selectionSet);
  let selections = totals.selections;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      selections = Math.max(selections, ofFragment(definition.name.value).selections);
    else if (definition.kind === Kind.OPERATION_DEFINITION && definition !== operation) {
      selections = Math.max(selections, ofSelections(definition.selectionSet).selections);
    }
  }
  const variableDirectives = (operation.variableDefinitions ?? []).reduce((sum, node) => sum + (node.directives?.length ?? 0), 0);
  return {
    kind: operation.operation,
    depth: totals.depth,
    aliases: totals.aliases,
    rootFields: totals.ownFields,
    directives: capped(totals.directives + variableDirectives + (operation.directives?.length ?? 0)),
    defers: totals.defers,
    selections,
    repeatedField,
    introspection: totals.introspection,
    fragmentCycle,
  };
}

function mostRepeatedField({ selections }: SelectionSetNode): number {
  if (selections.length < 3) return 1;
  const times = new Map<string, number>();
  let most = 0;
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD) continue;
    const key = (selection.alias ?? selection.name).value;
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    if (count > most) most = count;
  }
  return most;
}

const capped = (count: number): number => Math.min(count, saturation);

const emptyTotals = (): Totals => ({
  depth: 0,
  aliases: 0,
  ownFields: 0,
  directives: 0,
  defers: 0,
  selections: 0,
  introspection: false,
});

/** A fragment's selections stand on the level of its spread. */
function addBeside(totals: Totals, fragment: Totals): void {
  totals.ownFields = capped(totals.ownFields + fragment.ownFields);
  totals.depth = Math.max(totals.depth, fragment.depth);
  addCounts(totals, fragment);
}

/** A field's selections stand one level below it. */
function addBelow(totals: Totals, below: Totals, introspects: boolean): void {
  totals.depth = Math.max(totals.depth, introspects ? 1 : capped(below.depth + 1));
  addCounts(totals, below);
}

function addCounts(totals: Totals, more: Totals): void {
  totals.aliases = capped(totals.aliases + more.aliases);
  totals.directives = capped(totals.directives + more.directives);
  totals.defers = capped(totals.defers + more.defers);
  totals.selections = capped(totals.selections + more.selections);
  totals.introspection ||= more.introspection;
}
