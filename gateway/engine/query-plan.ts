/**
 * The query plan as the executor reads it: the shape Apollo's planner writes, which other planners are translated to.
 * It is plain JSON, so that it can cross threads and be kept.
 */
export type QueryPlan = { readonly kind: "QueryPlan"; readonly node?: PlanNode | SubscriptionNode | undefined };

export type PlanNode = SequenceNode | ParallelNode | FetchNode | BatchFetchNode | FlattenNode | ConditionNode | DeferNode;

export type SequenceNode = { readonly kind: "Sequence"; readonly nodes: readonly PlanNode[] };
export type ParallelNode = { readonly kind: "Parallel"; readonly nodes: readonly PlanNode[] };
/** `path` is relative to the enclosing node; `@` goes through a list, `|[A,B]` goes on with objects of these types. */
export type FlattenNode = { readonly kind: "Flatten"; readonly path: readonly string[]; readonly node: PlanNode };
export type ConditionNode = {
  readonly kind: "Condition";
  readonly condition: string;
  readonly ifClause?: PlanNode | undefined;
  readonly elseClause?: PlanNode | undefined;
};
export type DeferNode = {
  readonly kind: "Defer";
  readonly primary: { readonly subselection?: string | undefined; readonly node?: PlanNode | undefined };
  readonly deferred: readonly DeferredNode[];
};
export type DeferredNode = {
  readonly depends: readonly { readonly id: string }[];
  readonly label?: string | undefined;
  readonly queryPath: readonly string[];
  readonly subselection?: string | undefined;
  readonly node?: PlanNode | undefined;
};
/** Each event of `primary` is completed by `rest`. */
export type SubscriptionNode = {
  readonly kind: "Subscription";
  readonly primary: FetchNode;
  readonly rest?: PlanNode | undefined;
};

export type FetchNode = {
  readonly kind: "Fetch";
  readonly serviceName: string;
  readonly id?: string | undefined;
  readonly variableUsages?: readonly string[] | undefined;
  /** What is copied of each entity into its representation; absent for a fetch of root fields. */
  readonly requires?: readonly PlanSelection[] | undefined;
  readonly operation: string;
  readonly operationName?: string | undefined;
  readonly operationKind: OperationKind;
  readonly inputRewrites?: readonly DataRewrite[] | undefined;
  readonly outputRewrites?: readonly DataRewrite[] | undefined;
  readonly contextRewrites?: readonly KeyRenamer[] | undefined;
};

/** Several fetches of entities in one request, each under its own alias of `_entities`. */
export type BatchFetchNode = {
  readonly kind: "BatchFetch";
  readonly serviceName: string;
  readonly variableUsages?: readonly string[] | undefined;
  readonly operation: string;
  readonly operationName?: string | undefined;
  readonly entities: readonly BatchedEntities[];
};

export type BatchedEntities = {
  readonly alias: string;
  /** The variable that takes the representations. */
  readonly variable: string;
  /** Where in the response the objects stand, each path as that of a FlattenNode. */
  readonly paths: readonly (readonly string[])[];
  readonly requires: readonly PlanSelection[];
  readonly inputRewrites?: readonly DataRewrite[] | undefined;
  readonly outputRewrites?: readonly DataRewrite[] | undefined;
};

export type OperationKind = "query" | "mutation" | "subscription";

export type PlanSelection = PlanField | PlanInlineFragment;
export type PlanField = {
  readonly kind: "Field";
  readonly alias?: string | undefined;
  readonly name: string;
  readonly selections?: readonly PlanSelection[] | undefined;
};
export type PlanInlineFragment = {
  readonly kind: "InlineFragment";
  readonly typeCondition?: string | undefined;
  readonly selections: readonly PlanSelection[];
};

/** A path element is a field's response name or `... on Type`. */
export type DataRewrite = ValueSetter | KeyRenamer;
export type ValueSetter = { readonly kind: "ValueSetter"; readonly path: readonly string[]; readonly setValueTo: unknown };
export type KeyRenamer = { readonly kind: "KeyRenamer"; readonly path: readonly string[]; readonly renameKeyTo: string };
