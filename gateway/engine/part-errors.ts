import { type FragmentDefinitionNode, type GraphQLFormattedError, Kind, type SelectionSetNode } from "graphql";
import type { DeferredFragment, DeferredOperation } from "./executor.ts";
import type { Path } from "./find-deferrals.ts";

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
/** A part of the answer: where its objects stand, and what is selected of them. */
type Part = Pick<DeferredFragment, "names" | "selectionSet">;

/**
 * The part to which an error belongs that a fetch for one part has brought: another only where that one does not select
 * the field, as fields of deferred fragments are fetched earlier where nothing leads to them later.
 */
export function partOfError(
  { path }: GraphQLFormattedError,
  own: DeferredFragment | undefined,
  { operation, deferred, fragments }: DeferredOperation,
): DeferredFragment | undefined {
  const names = (path ?? []).filter((element) => typeof element === "string");
  if (selects(own ?? { names: [], selectionSet: operation.selectionSet }, names, fragments)) return own;
  return deferred.find((fragment) => fragment !== own && selects(fragment, names, fragments)) ?? own;
}

/** True when a field may be in a part, whatever the types of objects are. */
function selects(part: Part, names: readonly string[], fragments: Fragments): boolean {
  if (part.names.length >= names.length || part.names.some((name, index) => name !== names[index])) return false;
  let sets: readonly SelectionSetNode[] = [part.selectionSet];
  for (const name of names.slice(part.names.length)) {
    const found = sets.flatMap((set) => fieldsOf(set, name, fragments));
    if (found.length === 0) return false;
    sets = found.flatMap(({ selectionSet }) => selectionSet ?? []);
  }
  return true;
}

function fieldsOf(
  { selections }: SelectionSetNode,
  name: string,
  fragments: Fragments,
): readonly { readonly selectionSet?: SelectionSetNode | undefined }[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return (selection.alias ?? selection.name).value === name ? [selection] : [];
    const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    return inner ? fieldsOf(inner.selectionSet, name, fragments) : [];
  });
}

/** The errors of a part that concern its object at a path. What failed above or beside it has failed for the whole object. */
export const errorsAt = (errors: readonly GraphQLFormattedError[], path: Path): GraphQLFormattedError[] =>
  errors.flatMap((error) => {
    const { path: errorPath = [] } = error;
    if (path.every((element, index) => element === errorPath[index])) return [error];
    return errorPath.every((element, index) => element === path[index]) ? [{ ...error, path }] : [];
  });
