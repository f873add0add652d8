import type { PlanNode, QueryPlan, SubscriptionNode } from "@tributary/gateway/planner/index";
import { parse, print } from "graphql";

type Node = QueryPlan | SubscriptionNode | PlanNode;

/** What runs within a node, in order. */
function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "QueryPlan":
      return node.node ? [node.node] : [];
    case "Sequence":
    case "Parallel":
      return node.nodes;
    case "Flatten":
      return [node.node];
    case "Condition":
      return [node.ifClause, node.elseClause].filter((child) => child !== undefined);
    case "Subscription":
      return [node.primary, ...(node.rest ? [node.rest] : [])];
    case "Defer":
      return [node.primary.node, ...node.deferred.map((one) => one.node)].filter((child) => child !== undefined);
    case "Fetch":
    case "BatchFetch":
      return [];
  }
}

function titleOf(node: Node): string {
  if (node.kind === "Flatten") return `Flatten ${node.path.join(".")}`;
  if (node.kind === "Condition") return `Condition $${node.condition}`;
  if (node.kind === "Fetch") return `Fetch ${node.serviceName}`;
  if (node.kind !== "BatchFetch") return node.kind;
  const paths = node.entities.flatMap((entity) => entity.paths.map((path) => path.join(".")));
  return `BatchFetch ${node.serviceName} for ${paths.join(", ")}`;
}

/** A plan as an indented tree with the text of each fetch. */
export function planTree(node: Node, depth = 0): string {
  const indent = "  ".repeat(depth);
  if (node.kind === "Fetch" || node.kind === "BatchFetch") {
    const text = print(parse(node.operation))
      .split("\n")
      .map((line) => `${indent}  ${line}`)
      .join("\n");
    return `${indent}${titleOf(node)}\n${text}`;
  }
  return [`${indent}${titleOf(node)}`, ...childrenOf(node).map((child) => planTree(child, depth + 1))].join("\n");
}

/** A plan as a mermaid flowchart: what waits for what. */
export function planMermaid(plan: QueryPlan): string {
  const lines = ["flowchart LR"];
  let count = 0;
  /** Draws a node after `before` and gives the nodes whatever follows must wait for. */
  const draw = (node: Node, before: readonly string[]): string[] => {
    if (node.kind === "Fetch" || node.kind === "BatchFetch") {
      count += 1;
      const id = `f${count}`;
      lines.push(`  ${id}["${node.serviceName}"]`, ...before.map((from) => `  ${from} --> ${id}`));
      return [id];
    }
    const children = childrenOf(node);
    if (node.kind === "Parallel" || node.kind === "Condition") return children.flatMap((child) => draw(child, before));
    return children.reduce<string[]>((last, child) => draw(child, last), [...before]);
  };
  draw(plan, []);
  return lines.join("\n");
}
