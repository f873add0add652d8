import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from "graphql";
import type { OperationKind, QueryPlan } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";

/** Everything known of one operation under one supergraph, made once. `TCounts` is what the limits room counted. */
export interface OperationRecord<TCounts = unknown> {
  /** SHA-256 of the document text, a zero byte and the operation name, hex: the same for all generations. */
  readonly hash: string;
  readonly generation: SupergraphGeneration;
  /** The text as the client sent it. */
  readonly query: string;
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly kind: OperationKind;
  readonly counts: TCounts;
  /** Planned at the first call, once. A failure is not kept. The signal ends this caller's wait only. @throws PlanningError */
  plan(signal?: AbortSignal): Promise<QueryPlan>;
}

export interface OperationRequest {
  readonly generation: SupergraphGeneration;
  readonly query: string;
  readonly operationName?: string | null | undefined;
}

export interface Operations<TCounts = unknown> {
  /** @throws RequestError 400: syntax, size, unknown operation name, validation. */
  load(request: OperationRequest): Promise<OperationRecord<TCounts>>;
  /** Records kept now, of all generations. */
  readonly size: number;
}
