import type {
  FragmentDefinitionNode,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import type { OperationKind, QueryPlan } from "./query-plan.ts";

/** One request to a subgraph. */
export interface SubgraphCall {
  readonly subgraph: string;
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly kind: OperationKind;
  /** The JSON text to send: `query`, `operationName` and `variables`. */
  readonly body: string;
  /**
   * Reads the text of a good reply faster than `JSON.parse`; undefined when it is not one. Calls of the same subgraph, body
   * and decoder get equal replies, and may share one.
   */
  readonly decode?: ((text: string) => SubgraphReply | undefined) | undefined;
}

/** A reply that is shared by several readers must not be changed by any of them. */
export interface SubgraphReply {
  /** Several requests got this very object: what is made of it is worth keeping for the others. */
  readonly isShared?: boolean | undefined;
  /** In place of `data`, what the call's own decoder read. */
  readonly decoded?: readonly (readonly unknown[])[] | undefined;
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Never rejects for a fault of the subgraph (that is a reply with `errors`); rejects when the request itself is over (aborted, deadline). */
export type SubgraphFetch = (call: SubgraphCall) => Promise<SubgraphReply>;

/** The operation an answer is shaped by; an OperationRecord is one. What is compiled of it is kept as long as this object. */
export interface ExecutableOperation {
  readonly operation: OperationDefinitionNode;
  /** Where `operation` is a part, all of it. */
  readonly whole?: OperationDefinitionNode | undefined;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly generation: ExecutableSchemas;
}

export interface ExecutableSchemas {
  /** What clients see; answers introspection. */
  readonly apiSchema: GraphQLSchema;
  /** All types subgraphs know, for type conditions on what they answer. */
  readonly supergraphSchema: GraphQLSchema;
  readonly supergraphSdl: string;
}

/** What an execution needs of an AbortSignal. */
export interface ExecutionSignal extends Pick<AbortSignal, "aborted" | "reason" | "throwIfAborted"> {
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
}

export interface ExecutionRequest {
  /** What the answer looks like: its operation, fragments and API schema. */
  readonly record: ExecutableOperation;
  /** How it is fetched. May belong to a narrower operation: what it leaves out becomes null in the answer. */
  readonly plan: QueryPlan;
  /** Coerced values by variable name, defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly fetch: SubgraphFetch;
  readonly signal: ExecutionSignal;
  /** Errors to report beside those of the execution, for example of fields the caller may not read. */
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  /** Last look at each error before it is written: masking. */
  readonly formatError?: ((error: GraphQLFormattedError) => GraphQLFormattedError) | undefined;
}

export interface ExecutionOutcome {
  /** The JSON text of `{"data":...}` or `{"errors":[...],"data":...}`; ends with `}`, so that extensions can be put before it. */
  readonly body: string;
  /** The same in UTF-8, where it was made already. */
  readonly bytes?: Buffer | undefined;
  readonly errorCount: number;
}

/** An event of a subscription: what the subgraph answered to the plan's primary fetch. */
export interface EventExecutionRequest extends ExecutionRequest {
  readonly event: SubgraphReply;
}

/** A fragment under `@defer`, without the deferred fragments inside it. */
export interface DeferredFragment {
  /** What its `@defer` is called in the document to plan: unlike labels of clients, each place has one. */
  readonly id: string;
  /** The client's label. */
  readonly label: string | undefined;
  /** The fragment it stands in; undefined for one that waits for the first part alone. */
  readonly parent: string | undefined;
  /** Response names from the root to the object it is about. */
  readonly names: readonly string[];
  readonly typeCondition: string | undefined;
  /** For its `@skip` and `@include`. */
  readonly node: SelectionNode;
  readonly selectionSet: SelectionSetNode;
}

/** An operation in parts. Its `operation` is the first part: what is not deferred. */
export interface DeferredOperation extends ExecutableOperation {
  readonly whole: OperationDefinitionNode;
  /** In the order of the document, a fragment before those inside it. */
  readonly deferred: readonly DeferredFragment[];
  /** The deferred fragments that were taken out of a selection set of a part. */
  readonly takenFrom: ReadonlyMap<SelectionSetNode, readonly DeferredFragment[]>;
  /** The selection sets of parts in or below which something is deferred. */
  readonly reaching: ReadonlySet<SelectionSetNode>;
  /** The text to plan: fragments that hold a `@defer` are written in place, each `@defer` has its id as label and no condition. */
  readonly document: string;
}

export interface IncrementalExecutionRequest extends ExecutionRequest {
  readonly record: DeferredOperation;
  /** The plan of the record's own document. */
  readonly plan: QueryPlan;
  /** Says to the client why parts that are under way will not come: the signal has aborted, or something unforeseen. */
  readonly failure: (reason: unknown) => GraphQLFormattedError;
}

/** A part of an answer that is delivered incrementally. */
export interface AnswerPart {
  /**
   * The JSON text of `{"data":...,"hasNext":...}` for the first part, of `{"incremental":[...],"hasNext":...}` for the
   * others; with `errors` beside each `data`.
   */
  readonly body: string;
  readonly errorCount: number;
  readonly hasNext: boolean;
}

export interface IncrementalExecutor extends Executor {
  /**
   * Runs a query or mutation and gives its answer in parts, those that are ready together in one. @throws the signal's
   * reason when it aborts before the first part; after that what is missing is told in a last part.
   */
  executeIncrementally(request: IncrementalExecutionRequest): AsyncGenerator<AnswerPart, void, undefined>;
}

export interface Executor {
  /** Runs a query or a mutation. @throws the signal's reason when it aborts. */
  execute(request: ExecutionRequest): Promise<ExecutionOutcome>;
  /** Completes one event of a subscription: runs the rest of its plan on the event's data. */
  executeEvent(request: EventExecutionRequest): Promise<ExecutionOutcome>;
  /** Compiles for an operation under a new supergraph what was compiled for it under the one before; absent where nothing is. */
  compileLike?(next: PlannedOperation, predecessor: PlannedOperation): void;
}

export interface PlannedOperation {
  readonly record: ExecutableOperation;
  readonly plan: QueryPlan;
}
