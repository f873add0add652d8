import type { PlanNode, PlanSelection, QueryPlan, SubscriptionNode } from "@tributary/gateway/planner/index";

/** One request of a plan to a subgraph. */
export interface PlannedFetch {
  readonly subgraph: string;
  readonly operation: string;
  /** For entity fetches: what the representations hold, as `Type { fields }`. */
  readonly requires: readonly string[];
}

/** What a plan costs in round trips. */
export interface PlanFacts {
  readonly fetches: readonly PlannedFetch[];
  /** Fetches that must wait for each other, at most. */
  readonly depth: number;
  /** Fetches that may run at one time, at most. */
  readonly width: number;
}

/** Reads a plan in the gateway's shape. */
export function readPlan({ node }: QueryPlan): PlanFacts {
  const fetches: PlannedFetch[] = [];
  const { depth, width } = measure(node, fetches);
  return { fetches, depth, width };
}

function measure(node: PlanNode | SubscriptionNode | undefined, fetches: PlannedFetch[]): Size {
  if (!node) return { depth: 0, width: 0 };
  switch (node.kind) {
    case "Fetch":
      return addFetch(fetches, node, node.requires ?? []);
    case "BatchFetch":
      return addFetch(
        fetches,
        node,
        node.entities.flatMap(({ requires }) => requires),
      );
    case "Sequence":
      return inSequence(node.nodes.map((one) => measure(one, fetches)));
    case "Parallel":
      return together(node.nodes.map((one) => measure(one, fetches)));
    case "Condition":
      return either([measure(node.ifClause, fetches), measure(node.elseClause, fetches)]);
    case "Subscription":
      return inSequence([measure(node.primary, fetches), measure(node.rest, fetches)]);
    case "Defer":
      return inSequence([measure(node.primary.node, fetches), together(node.deferred.map((one) => measure(one.node, fetches)))]);
    case "Flatten":
      return measure(node.node, fetches);
  }
}

function addFetch(
  fetches: PlannedFetch[],
  { serviceName, operation }: { readonly serviceName: string; readonly operation: string },
  requires: readonly PlanSelection[],
): Size {
  fetches.push({ subgraph: serviceName, operation, requires: requires.map(printRequirement) });
  return { depth: 1, width: 1 };
}

type Size = { readonly depth: number; readonly width: number };

const inSequence = (sizes: readonly Size[]): Size => ({
  depth: sum(sizes.map(({ depth }) => depth)),
  width: Math.max(0, ...sizes.map(({ width }) => width)),
});
const together = (sizes: readonly Size[]): Size => ({
  depth: Math.max(0, ...sizes.map(({ depth }) => depth)),
  width: sum(sizes.map(({ width }) => width)),
});
const either = (sizes: readonly Size[]): Size => ({
  depth: Math.max(0, ...sizes.map(({ depth }) => depth)),
  width: Math.max(0, ...sizes.map(({ width }) => width)),
});
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function printRequirement(selection: PlanSelection): string {
  const inner = (selection.selections ?? []).map(printRequirement).join(" ");
  if (selection.kind === "InlineFragment") return selection.typeCondition ? `${selection.typeCondition} { ${inner} }` : inner;
  return inner ? `${selection.name} { ${inner} }` : selection.name;
}
