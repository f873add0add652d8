import { createHash } from "node:crypto";
import type { CancelSignal } from "@tributary/platform/cancellation";
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { OperationCounts } from "../limits/index.ts";
import type { OperationKind, QueryPlan } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { ShapedOperation, ShapeOf } from "./operation-shape.ts";

/** Everything known of one operation under one supergraph, made once. */
export interface OperationRecord extends ShapedOperation {
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
  /** How often it was asked for or run, halved from time to time. */
  readonly use: { count: number };
  /** The plan of its shape. @throws PlanningError `refused`, RequestError 503, or the signal's reason */
  plan(signal?: CancelSignal): Promise<QueryPlan>;
}

/** Makes the record of a valid operation. */
export function createOperationRecord(
  { generation, query, operationName }: { generation: SupergraphGeneration; query: string; operationName: string | undefined },
  { document, operation, counts }: { document: DocumentNode; operation: OperationDefinitionNode; counts: OperationCounts },
  shapeOf: ShapeOf,
): OperationRecord {
  const fragments = usedFragments(document, operation);
  const { shape, lifted } = shapeOf(generation, operation, fragments);
  const use = { count: 0 };
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
    shape,
    lifted,
    use,
    plan(signal) {
      use.count += 1; // a narrowed operation is loaded once, and run for each request
      return shape.plan(signal);
    },
  };
}

/** Values of a caller's variables together with those of the literals, as the record's shape takes them. */
export const withLifted = (
  { lifted }: OperationRecord,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  for (const _ in lifted) return { ...variables, ...lifted };
  return variables;
};

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
