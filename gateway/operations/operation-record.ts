import { createHash } from "node:crypto";
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
} from "graphql";
import type { OperationCounts } from "../limits/index.ts";
import type { OperationKind, Planner, QueryPlan } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";

/** Everything known of one operation under one supergraph, made once. */
export interface OperationRecord {
  /** SHA-256 of the document text, a zero byte and the operation name, hex: the same for all generations. */
  readonly hash: string;
  readonly generation: SupergraphGeneration;
  /** The text as the client sent it. */
  readonly query: string;
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The fragments this operation uses. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly kind: OperationKind;
  readonly counts: OperationCounts;
  /**
   * Planned at the first call, once; a failure is not kept. The signal ends this caller's wait only.
   * @throws PlanningError, or the signal's reason
   */
  plan(signal?: AbortSignal): Promise<QueryPlan>;
}

/** Makes the record of a valid operation. */
export function createOperationRecord(
  { generation, query, operationName }: { generation: SupergraphGeneration; query: string; operationName: string | undefined },
  { document, operation, counts }: { document: DocumentNode; operation: OperationDefinitionNode; counts: OperationCounts },
  planner: Planner,
): OperationRecord {
  const fragments = usedFragments(document, operation);
  let planning: Promise<QueryPlan> | undefined;
  const planOnce = (): Promise<QueryPlan> => {
    planning ??= planner
      .plan({ generation, document: operationText(operation, fragments), operationName: operation.name?.value })
      .catch((error: unknown) => {
        planning = undefined;
        throw error;
      });
    return planning;
  };
  return {
    hash: createHash("sha256")
      .update(query)
      .update("\0")
      .update(operationName ?? "")
      .digest("hex"),
    generation,
    query,
    operationName,
    document,
    operation,
    fragments,
    kind: operation.operation,
    counts,
    plan: (signal) => (signal ? untilAborted(planOnce(), signal) : planOnce()),
  };
}

/** The operation alone: planners take longer for documents of many operations, and refuse unused fragments. */
const operationText = (operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string =>
  stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] }));

function usedFragments(document: DocumentNode, operation: OperationDefinitionNode): Map<string, FragmentDefinitionNode> {
  const defined = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) defined.set(definition.name.value, definition);
  }
  const used = new Map<string, FragmentDefinitionNode>();
  const visit = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet) visit(selection.selectionSet);
        continue;
      }
      const fragment = defined.get(selection.name.value);
      if (!fragment || used.has(selection.name.value)) continue;
      used.set(selection.name.value, fragment);
      visit(fragment.selectionSet);
    }
  };
  visit(operation.selectionSet);
  return used;
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
