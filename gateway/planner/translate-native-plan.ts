import type {
  BatchFetchNode as NativeBatchFetch,
  FetchNode as NativeFetch,
  PlanNode as NativeNode,
  FlattenNodePathSegment as NativePath,
  QueryPlan as NativePlan,
  RequiresSelection as NativeRequires,
  FetchRewrite as NativeRewrite,
} from "@graphql-hive/router-query-planner";
import type {
  DataRewrite,
  FetchNode,
  FlattenNode,
  KeyRenamer,
  PlanNode,
  PlanSelection,
  QueryPlan,
} from "../engine/query-plan.ts";
import { splitBatch } from "./split-batch.ts";

/** A native plan has a part that ours cannot express; another planner must plan the operation. */
export class UntranslatablePlanError extends Error {}

type Segment = NativePath | { readonly kind?: string };

/**
 * Translates a plan of the native planner to the engine's. `hasAmbiguousNames`: one response name may stand for several
 * fields of the operation; then no condition in the middle of a path may be left out. @throws UntranslatablePlanError
 */
export function translateNativePlan(plan: NativePlan, { hasAmbiguousNames }: { hasAmbiguousNames: boolean }): QueryPlan {
  const { node } = plan;
  if (!node) return { kind: "QueryPlan" };
  const [first, ...rest] = node.kind === "Sequence" ? node.nodes : [node];
  if (first?.kind === "Subscription") {
    const primary = translateFetch(first.primary, []);
    const after = sequence(rest.flatMap(translate));
    return { kind: "QueryPlan", node: { kind: "Subscription", primary, ...(after && { rest: after }) } };
  }
  const translated = sequence(translate(node));
  return { kind: "QueryPlan", ...(translated && { node: translated }) };

  function translate(node: NativeNode): readonly PlanNode[] {
    switch (node.kind) {
      case "Fetch":
        return [translateFetch(node, [])];
      case "BatchFetch":
        return [{ kind: "Parallel", nodes: translateBatch(node) }];
      case "Flatten": {
        const { path, types } = splitPath(node.path);
        if (node.node.kind !== "Fetch") throw new UntranslatablePlanError(`${node.node.kind} in Flatten`);
        return [{ kind: "Flatten", path, node: translateFetch(node.node, types) }];
      }
      case "Sequence":
        return [{ kind: "Sequence", nodes: node.nodes.flatMap(translate) }];
      case "Parallel":
        return [{ kind: "Parallel", nodes: node.nodes.flatMap(translate) }];
      case "Condition": {
        const ifClause = node.ifClause ? sequence(translate(node.ifClause)) : undefined;
        const elseClause = node.elseClause ? sequence(translate(node.elseClause)) : undefined;
        const { condition } = node;
        return [{ kind: "Condition", condition, ...(ifClause && { ifClause }), ...(elseClause && { elseClause }) }];
      }
      default:
        throw new UntranslatablePlanError(node.kind);
    }
  }

  /** One fetch for each path of each entity batch; the engine sends those that are equal once. */
  function translateBatch(batch: NativeBatchFetch): readonly FlattenNode[] {
    return splitBatch(batch).flatMap(({ fetch, paths }) =>
      paths.map((nativePath): FlattenNode => {
        const { path, types } = splitPath(nativePath);
        return { kind: "Flatten", path, node: translateFetch(fetch, types) };
      }),
    );
  }

  /** Response names, and the types an object at the end must have one of; none: any. */
  function splitPath(segments: readonly Segment[]): { readonly path: string[]; readonly types: readonly string[] } {
    const path: string[] = [];
    let types: readonly string[] = [];
    for (const segment of segments) {
      if (typeof segment === "object" && "TypeCondition" in segment) {
        types = types.length === 0 ? segment.TypeCondition : types.filter((type) => segment.TypeCondition.includes(type));
        continue;
      }
      if (segment === "@") path.push("@");
      else if (typeof segment === "object" && "Field" in segment) {
        if (types.length > 0 && hasAmbiguousNames) throw new UntranslatablePlanError("a type condition inside a path");
        types = [];
        path.push(segment.Field);
      } else throw new UntranslatablePlanError(`path segment ${JSON.stringify(segment)}`);
    }
    return { path, types };
  }
}

function sequence(nodes: readonly PlanNode[]): PlanNode | undefined {
  return nodes.length > 1 ? { kind: "Sequence", nodes } : nodes[0];
}

/** `types`: what the entities must be of, beside what the fetch itself says. */
function translateFetch(fetch: NativeFetch, types: readonly string[]): FetchNode {
  const { serviceName, operation, operationName, operationKind = "query", variableUsages } = fetch;
  const renamed: KeyRenamer[] = [];
  const requires = fetch.requires && translateRequires(fetch.requires, [], renamed);
  const inputRewrites = [...renamed, ...(fetch.inputRewrites ?? []).flatMap(translateRewrite)];
  const outputRewrites = (fetch.outputRewrites ?? []).flatMap(translateRewrite);
  return {
    kind: "Fetch",
    serviceName,
    operation,
    operationKind,
    ...(operationName && { operationName }),
    ...(variableUsages?.length && { variableUsages }),
    ...(requires && { requires: withinTypes(requires, types) }),
    ...(requires && inputRewrites.length > 0 && { inputRewrites }),
    ...(outputRewrites.length > 0 && { outputRewrites }),
  };
}

const withinTypes = (selections: readonly PlanSelection[], types: readonly string[]): readonly PlanSelection[] =>
  types.length === 0
    ? selections
    : types.map((typeCondition): PlanSelection => ({ kind: "InlineFragment", typeCondition, selections }));

/**
 * What the native planner writes as `alias` is the name a field gets in the representation, after it was read under its
 * `name`: here a rewrite, those of inner objects first.
 */
function translateRequires(
  selections: readonly NativeRequires[],
  path: readonly string[],
  renamed: KeyRenamer[],
): readonly PlanSelection[] {
  return selections.map((selection): PlanSelection => {
    if (selection.kind === "FragmentSpread") throw new UntranslatablePlanError("a named fragment in an entity's inputs");
    if (selection.kind === "InlineFragment") {
      const { typeCondition, skipIf, includeIf } = selection;
      if (skipIf || includeIf) throw new UntranslatablePlanError("a condition on an entity's inputs");
      const inner = translateRequires(selection.selections, [...path, `... on ${typeCondition}`], renamed);
      return { kind: "InlineFragment", typeCondition, selections: inner };
    }
    const { name, alias } = selection;
    const inner = selection.selections && translateRequires(selection.selections, [...path, name], renamed);
    if (alias && alias !== name) renamed.push({ kind: "KeyRenamer", path: [...path, name], renameKeyTo: alias });
    return { kind: "Field", name, ...(inner && { selections: inner }) };
  });
}

/** A condition on several types becomes a rewrite for each. */
function translateRewrite(rewrite: NativeRewrite): readonly DataRewrite[] {
  const setter = "ValueSetter" in rewrite ? rewrite.ValueSetter : "kind" in rewrite ? rewrite : undefined;
  if (setter) {
    const { setValueTo } = setter;
    return translateRewritePath(setter.path).map((path) => ({ kind: "ValueSetter", path, setValueTo }));
  }
  if (!("KeyRenamer" in rewrite)) throw new UntranslatablePlanError("an unknown rewrite");
  const { path: nativePath, renameKeyTo } = rewrite.KeyRenamer;
  return translateRewritePath(nativePath).map((path) => ({ kind: "KeyRenamer", path, renameKeyTo }));
}

type RewritePath = readonly ({ readonly TypenameEquals: readonly string[] } | { readonly Key: string })[];

function translateRewritePath(segments: RewritePath): readonly (readonly string[])[] {
  return segments.reduce<readonly (readonly string[])[]>(
    (paths, segment) => {
      const ways = "Key" in segment ? [segment.Key] : segment.TypenameEquals.map((type) => `... on ${type}`);
      return paths.flatMap((path) => ways.map((way) => [...path, way]));
    },
    [[]],
  );
}
