import type { QueryPlan as NativePlan } from "@graphql-hive/router-query-planner";
import type {
  DataRewrite,
  FetchNode,
  KeyRenamer,
  OperationKind,
  PlanNode,
  PlanSelection,
  QueryPlan,
  SubscriptionNode,
} from "../engine/query-plan.ts";

type NativeNode = NonNullable<NativePlan["node"]>;
type NativeFetch = Extract<NativeNode, { kind: "Fetch" }>;
type NativeBatch = Extract<NativeNode, { kind: "BatchFetch" }>;
type NativeSelection = NonNullable<NativeFetch["requires"]>[number];
type NativeRewrite = NonNullable<NativeFetch["inputRewrites"]>[number];
type NativePath = Extract<NativeNode, { kind: "Flatten" }>["path"];

/** A plan of the native planner in our shape; undefined when it holds something our engine has no node for. */
export function fromNativePlan(plan: NativePlan): QueryPlan | undefined {
  try {
    return plan.node ? { kind: "QueryPlan", node: rootNode(plan.node) } : { kind: "QueryPlan" };
  } catch (error) {
    if (error === unsupported) return undefined;
    throw error;
  }
}

const unsupported = new Error("a plan node without a counterpart");

/** It writes a subscription as the first of a sequence whose others complete each event. */
function rootNode(node: NativeNode): PlanNode | SubscriptionNode {
  if (node.kind === "Subscription") return { kind: "Subscription", primary: fetchNode(node.primary) };
  const [first, ...rest] = node.kind === "Sequence" ? node.nodes : [];
  if (first?.kind !== "Subscription") return planNode(node);
  return { kind: "Subscription", primary: fetchNode(first.primary), rest: { kind: "Sequence", nodes: rest.map(planNode) } };
}

function planNode(node: NativeNode): PlanNode {
  switch (node.kind) {
    case "Fetch":
      return fetchNode(node);
    case "Flatten":
      return { kind: "Flatten", path: flattenPath(node.path), node: planNode(node.node) };
    case "Sequence":
      return { kind: "Sequence", nodes: node.nodes.map(planNode) };
    case "Parallel":
      return { kind: "Parallel", nodes: node.nodes.map(planNode) };
    case "Condition":
      return {
        kind: "Condition",
        condition: node.condition,
        ...(node.ifClause && { ifClause: planNode(node.ifClause) }),
        ...(node.elseClause && { elseClause: planNode(node.elseClause) }),
      };
    case "BatchFetch":
      return batchNode(node);
    default:
      throw unsupported;
  }
}

const flattenPath = (path: NativePath): string[] =>
  path.map((segment) => {
    if (segment === "@") return segment;
    if ("Field" in segment) return segment.Field;
    return `|[${segment.TypeCondition.join(",")}]`;
  });

function fetchNode(node: NativeFetch): FetchNode {
  return {
    kind: "Fetch",
    serviceName: node.serviceName,
    operation: node.operation,
    operationKind: (node.operationKind ?? "query") satisfies OperationKind,
    ...(node.operationName && { operationName: node.operationName }),
    ...(node.variableUsages && { variableUsages: node.variableUsages }),
    ...(node.requires && inputs(node.requires, node.inputRewrites)),
    ...(node.outputRewrites && { outputRewrites: node.outputRewrites.flatMap(rewrites) }),
  };
}

function batchNode(node: NativeBatch): PlanNode {
  if (node.operationKind === "mutation") throw unsupported;
  return {
    kind: "BatchFetch",
    serviceName: node.serviceName,
    operation: node.operation,
    ...(node.operationName && { operationName: node.operationName }),
    ...(node.variableUsages && { variableUsages: node.variableUsages }),
    entities: node.entityBatch.aliases.map(
      ({ alias, representationsVariableName, paths, requires, inputRewrites, outputRewrites }) => ({
        alias,
        variable: representationsVariableName,
        paths: paths.map(flattenPath),
        ...inputs(requires, inputRewrites),
        ...(outputRewrites && { outputRewrites: outputRewrites.flatMap(rewrites) }),
      }),
    ),
  };
}

/** What goes into representations, and how it is changed there. */
function inputs(requires: readonly NativeSelection[], inputRewrites: readonly NativeRewrite[] = []) {
  const renamed: KeyRenamer[] = [];
  const selections = requires.map((node) => selection(node, [], renamed));
  const all = [...renamed, ...inputRewrites.flatMap(rewrites)];
  return { requires: selections, ...(all.length > 0 && { inputRewrites: all }) };
}

/**
 * What the native planner calls `alias` is the name a field gets in the representation after it was read under its
 * `name`: for us a rewrite, those of inner objects first.
 */
function selection(node: NativeSelection, path: readonly string[], renamed: KeyRenamer[]): PlanSelection {
  if (node.kind === "FragmentSpread") throw unsupported;
  if (node.kind === "InlineFragment") {
    const { typeCondition, skipIf, includeIf } = node;
    if (skipIf || includeIf) throw unsupported;
    const inside = [...path, `... on ${typeCondition}`];
    return {
      kind: "InlineFragment",
      typeCondition,
      selections: node.selections.map((inner) => selection(inner, inside, renamed)),
    };
  }
  const { name, alias } = node;
  const place = [...path, name];
  const selections = node.selections?.map((inner) => selection(inner, place, renamed));
  if (alias && alias !== name) renamed.push({ kind: "KeyRenamer", path: place, renameKeyTo: alias });
  return { kind: "Field", name, ...(selections && { selections }) };
}

/** A path segment may name several types; our rewrites take one, so there is a rewrite for each way. */
function rewrites(node: NativeRewrite): readonly DataRewrite[] {
  const setter = "ValueSetter" in node ? node.ValueSetter : "kind" in node ? node : undefined;
  const source = setter ?? ("KeyRenamer" in node ? node.KeyRenamer : undefined);
  if (!source) throw unsupported;
  const paths = source.path.reduce<readonly (readonly string[])[]>(
    (before, segment) => {
      const ways = "Key" in segment ? [segment.Key] : segment.TypenameEquals.map((type) => `... on ${type}`);
      return before.flatMap((path) => ways.map((way) => [...path, way]));
    },
    [[]],
  );
  return paths.map((path) =>
    "setValueTo" in source
      ? { kind: "ValueSetter", path, setValueTo: source.setValueTo }
      : { kind: "KeyRenamer", path, renameKeyTo: source.renameKeyTo },
  );
}
