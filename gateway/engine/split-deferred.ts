import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import type { DeferredFragment, DeferredOperation, ExecutableOperation } from "./executor.ts";

type Variables = Readonly<Record<string, unknown>>;
/** A selection set as it is planned, and as it is written. */
type Split = { readonly planned: SelectionSetNode; readonly kept: SelectionSetNode };

/** Takes the deferred fragments out of an operation; undefined where nothing is deferred under these values of variables. */
export function splitDeferred(record: ExecutableOperation, variables: Variables): DeferredOperation | undefined {
  const { operation, fragments, generation } = record;
  const deferred: DeferredFragment[] = [];
  const takenFrom = new Map<SelectionSetNode, DeferredFragment[]>();
  const reaching = new Set<SelectionSetNode>();
  const own = new Set<DirectiveNode>();
  const defers = createDeferFinder(fragments, variables);

  function split(selectionSet: SelectionSetNode, parent: string | undefined, names: readonly string[]): Split {
    if (!defers.within(selectionSet)) return { planned: selectionSet, kept: selectionSet };
    const planned: SelectionNode[] = [];
    const kept: SelectionNode[] = [];
    const taken: DeferredFragment[] = [];
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const inner = selection.selectionSet && split(selection.selectionSet, parent, [...names, name]);
        planned.push(inner ? { ...selection, selectionSet: inner.planned } : selection);
        kept.push(inner ? { ...selection, selectionSet: inner.kept } : selection);
        continue;
      }
      const inline = defers.in(selection) ? writtenInPlace(selection, fragments) : undefined;
      if (!inline) {
        planned.push(selection);
        kept.push(selection);
        continue;
      }
      const directive = activeDefer(selection, variables);
      const directives = conditionsOf(selection);
      if (!directive) {
        const inner = split(inline.selectionSet, parent, names);
        planned.push({ ...inline, directives, selectionSet: inner.planned });
        kept.push({ ...inline, directives, selectionSet: inner.kept });
        continue;
      }
      const id = `d${deferred.length}`;
      const draft = { ...describe(inline, directive), id, parent, names, selectionSet: inline.selectionSet };
      const place = deferred.push(draft) - 1; // takes its place before those inside it
      const inner = split(inline.selectionSet, id, names);
      const fragment = { ...draft, selectionSet: inner.kept };
      deferred[place] = fragment;
      taken.push(fragment);
      const label = deferAs(id);
      own.add(label);
      planned.push({ ...inline, directives: [...directives, label], selectionSet: inner.planned });
    }
    const set: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: kept };
    reaching.add(set);
    if (taken.length > 0) takenFrom.set(set, taken);
    return { planned: { kind: Kind.SELECTION_SET, selections: planned }, kept: set };
  }

  const { planned, kept } = split(operation.selectionSet, undefined, []);
  if (deferred.length === 0) return undefined;
  const document = textOf({ ...operation, selectionSet: planned }, fragments, own);
  const primary = { ...operation, selectionSet: kept };
  return { operation: primary, whole: operation, fragments, generation, deferred, takenFrom, reaching, document };
}

/** Tells what holds a `@defer` that is in effect, also in fragments it spreads. */
function createDeferFinder(fragments: ReadonlyMap<string, FragmentDefinitionNode>, variables: Variables) {
  const known = new Map<SelectionSetNode, boolean>();
  const within = (selectionSet: SelectionSetNode): boolean => {
    const found = known.get(selectionSet);
    if (found !== undefined) return found;
    const holds = selectionSet.selections.some(isIn);
    known.set(selectionSet, holds);
    return holds;
  };
  const isIn = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return selection.selectionSet !== undefined && within(selection.selectionSet);
    if (activeDefer(selection, variables)) return true;
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    return fragment !== undefined && within(fragment.selectionSet);
  };
  return { within, in: isIn };
}

/** The `@defer` of a fragment where it is in effect: `if` is true unless it is given. */
function activeDefer({ directives = [] }: SelectionNode, variables: Variables): DirectiveNode | undefined {
  const directive = directives.find(({ name }) => name.value === "defer");
  const condition = directive?.arguments?.find(({ name }) => name.value === "if")?.value;
  const isOff =
    condition?.kind === Kind.VARIABLE
      ? variables[condition.name.value] === false
      : condition?.kind === Kind.BOOLEAN && !condition.value;
  return isOff ? undefined : directive;
}

function writtenInPlace(
  selection: FragmentSpreadNode | InlineFragmentNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): InlineFragmentNode | undefined {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const fragment = fragments.get(selection.name.value);
  if (!fragment) return undefined;
  const { typeCondition, selectionSet } = fragment;
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition,
    selectionSet,
    ...(selection.directives && { directives: selection.directives }),
  };
}

function describe(
  node: InlineFragmentNode,
  directive: DirectiveNode,
): Pick<DeferredFragment, "label" | "typeCondition" | "node"> {
  const label = directive.arguments?.find(({ name }) => name.value === "label")?.value;
  return {
    label: label?.kind === Kind.STRING ? label.value : undefined,
    typeCondition: (node.typeCondition satisfies NamedTypeNode | undefined)?.name.value,
    node,
  };
}

const conditionsOf = ({ directives = [] }: SelectionNode): readonly DirectiveNode[] =>
  directives.filter(({ name }) => name.value !== "defer");

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

const deferAs = (id: string): DirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: "defer" },
  arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "label" }, value: { kind: Kind.STRING, value: id } }],
});

/** The operation with the fragments it still spreads: planners refuse unused ones. */
function textOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  own: ReadonlySet<DirectiveNode>,
): string {
  const used = new Set<FragmentDefinitionNode>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : undefined;
      if (fragment && !used.has(fragment)) {
        used.add(fragment);
        collect(fragment.selectionSet);
      } else if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) collect(selection.selectionSet);
    }
  };
  collect(operation.selectionSet);
  const toPlan = <T extends OperationDefinitionNode | FragmentDefinitionNode>(node: T): T =>
    visit(node, {
      // Apollo's planner takes introspection out of the operation's own selections, and fails at those in fragments.
      Field: ({ name }) => (name.value === "__schema" || name.value === "__type" ? typename : undefined),
      // For those that are not in effect it would plan twice as much each time.
      Directive: (directive) => (directive.name.value === "defer" && !own.has(directive) ? null : undefined),
    });
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [operation, ...used].map(toPlan) }));
}
