import type { QueryPlan as NativePlan } from "@graphql-hive/router-query-planner";
import type {
  DataRewrite,
  FetchNode,
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
    ...(node.requires && { requires: node.requires.map(selection) }),
    ...(node.inputRewrites && { inputRewrites: node.inputRewrites.map(rewrite) }),
    ...(node.outputRewrites && { outputRewrites: node.outputRewrites.map(rewrite) }),
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
        requires: requires.map(selection),
        ...(inputRewrites && { inputRewrites: inputRewrites.map(rewrite) }),
        ...(outputRewrites && { outputRewrites: outputRewrites.map(rewrite) }),
      }),
    ),
  };
}

function selection(node: NativeSelection): PlanSelection {
  if (node.kind === "FragmentSpread") throw unsupported;
  if (node.kind === "InlineFragment") {
    return { kind: "InlineFragment", typeCondition: node.typeCondition, selections: node.selections.map(selection) };
  }
  const { name, alias, selections } = node;
  return { kind: "Field", name, ...(alias && { alias }), ...(selections && { selections: selections.map(selection) }) };
}

/** A path segment names one of several types; our rewrites take one, so there is a rewrite for each. */
function rewrite(node: NativeRewrite): DataRewrite {
  const setter = "ValueSetter" in node ? node.ValueSetter : "kind" in node ? node : undefined;
  const source = setter ?? ("KeyRenamer" in node ? node.KeyRenamer : undefined);
  if (!source) throw unsupported;
  const path = source.path.map((segment) => {
    if ("Key" in segment) return segment.Key;
    if (segment.TypenameEquals.length !== 1) throw unsupported;
    return `... on ${segment.TypenameEquals[0]}`;
  });
  if ("setValueTo" in source) return { kind: "ValueSetter", path, setValueTo: source.setValueTo };
  return { kind: "KeyRenamer", path, renameKeyTo: source.renameKeyTo };
}
