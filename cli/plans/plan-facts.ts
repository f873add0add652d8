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

type PlanNode = {
  readonly kind: string;
  readonly node?: PlanNode;
  readonly nodes?: readonly PlanNode[];
  readonly primary?: PlanNode & { readonly node?: PlanNode };
  readonly rest?: PlanNode;
  readonly deferred?: readonly { readonly node?: PlanNode }[];
  readonly ifClause?: PlanNode;
  readonly elseClause?: PlanNode;
  readonly serviceName?: string;
  readonly operation?: string;
  readonly requires?: readonly Requirement[];
};

type Requirement = {
  readonly kind: string;
  readonly name?: string;
  readonly typeCondition?: string;
  readonly selections?: readonly Requirement[];
};

/** Reads a plan as the planner gives it, in JSON. */
export function readPlan(plan: unknown): PlanFacts {
  const fetches: PlannedFetch[] = [];
  const { depth, width } = measure((plan as { readonly node?: PlanNode }).node, fetches);
  return { fetches, depth, width };
}

function measure(node: PlanNode | undefined, fetches: PlannedFetch[]): { depth: number; width: number } {
  if (!node) return { depth: 0, width: 0 };
  switch (node.kind) {
    case "Fetch":
      fetches.push({
        subgraph: node.serviceName!,
        operation: node.operation!,
        requires: (node.requires ?? []).map(printRequirement),
      });
      return { depth: 1, width: 1 };
    case "Sequence":
      return inSequence((node.nodes ?? []).map((one) => measure(one, fetches)));
    case "Parallel":
      return together((node.nodes ?? []).map((one) => measure(one, fetches)));
    case "Condition":
      return either([measure(node.ifClause, fetches), measure(node.elseClause, fetches)]);
    case "Subscription":
      return inSequence([measure(node.primary, fetches), measure(node.rest, fetches)]);
    case "Defer":
      return inSequence([
        measure(node.primary?.node, fetches),
        together((node.deferred ?? []).map((one) => measure(one.node, fetches))),
      ]);
    default:
      return measure(node.node, fetches); // Flatten
  }
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

function printRequirement({ kind, name, typeCondition, selections = [] }: Requirement): string {
  const inner = selections.map(printRequirement).join(" ");
  if (kind === "InlineFragment") return typeCondition ? `${typeCondition} { ${inner} }` : inner;
  return inner ? `${name} { ${inner} }` : (name ?? "");
}
