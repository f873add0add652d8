import type { ASTNode, GraphQLError, OperationTypeNode } from "graphql";
import type { Change } from "../diff/change.ts";
import { type OperationUse, readOperationUse } from "./operation-use.ts";
import { type StoredOperation, variantsOf } from "./stored-operation.ts";
import type { Validity } from "./validity.ts";

/** One operation a change touches. */
export interface Affected {
  readonly operation: StoredOperation;
  readonly status: "broken" | "risky";
  readonly reason: string;
  /** Where in the operation; undefined when only values of variables are concerned. */
  readonly node: ASTNode | undefined;
}

export interface Judgement {
  readonly byChange: ReadonlyMap<Change, readonly Affected[]>;
  /** Broken by the change as a whole, though no single difference explains it. */
  readonly unexplained: readonly Affected[];
  /** Not valid under the head, and not because of this change: new, or broken before. */
  readonly invalid: readonly (Affected & { readonly before: "new" | "broken" })[];
}

/**
 * Validates every operation against the head, whatever the changes are, and asks each change for what validation cannot
 * see. `base` undefined: only validity is judged. Cost: two validations and one walk for each operation.
 */
export function judgeOperations(
  operations: readonly StoredOperation[],
  base: Validity | undefined,
  head: Validity,
  changes: readonly Change[],
): Judgement {
  const byChange = new Map<Change, Affected[]>();
  const unexplained: Affected[] = [];
  const invalid: (Affected & { before: "new" | "broken" })[] = [];
  const note = (change: Change, affected: Affected): void => {
    const list = byChange.get(change) ?? [];
    const known = list.find(({ operation }) => operation === affected.operation);
    if (!known) byChange.set(change, [...list, affected]);
    else if (known.status === "risky" && affected.status === "broken") list[list.indexOf(known)] = affected;
  };

  for (const operation of operations) {
    const errors = head.faultsOf(operation);
    const wasValid =
      base !== undefined && (changes.length === 0 && errors.length === 0 ? true : base.faultsOf(operation).length === 0);
    if (!base || !wasValid) {
      if (errors.length > 0 && operation.inHead) {
        invalid.push({
          operation,
          status: "broken",
          reason: errors[0]!.message,
          node: errors[0]!.nodes?.[0],
          before: base && !operation.isNew ? "broken" : "new",
        });
      }
      continue;
    }
    if (changes.length === 0) continue;
    const uses = variantsOf(operation).map(({ document }) => readOperationUse(base.schema, document));
    for (const error of errors) {
      const at = coordinatesOf(error, uses);
      const root = base.schema.getRootType(operation.kind as OperationTypeNode);
      if (root && !head.schema.getRootType(operation.kind as OperationTypeNode)) at.add(root.name);
      const causes = changes.filter(({ explains }) => explains.some((coordinate) => at.has(coordinate)));
      const affected: Affected = { operation, status: "broken", reason: error.message, node: error.nodes?.[0] };
      const likely = causes.some(({ impact }) => impact === "breaking")
        ? causes.filter(({ impact }) => impact === "breaking")
        : causes;
      if (likely.length === 0) unexplained.push(affected);
      for (const change of likely) note(change, affected);
    }
    for (const [change, use] of changes.flatMap((one) => uses.map((use) => [one, use] as const))) {
      const effect = change.effect?.(use);
      if (effect) note(change, { operation, status: effect.status, reason: effect.reason, node: undefined });
    }
  }
  return { byChange, unexplained: onePerOperation(unexplained), invalid };
}

function coordinatesOf(error: GraphQLError, uses: readonly OperationUse[]): Set<string> {
  return new Set((error.nodes ?? []).flatMap((node) => uses.flatMap(({ coordinatesAt }) => [...coordinatesAt(node)])));
}

function onePerOperation(affected: readonly Affected[]): Affected[] {
  return affected.filter((one, index) => affected.findIndex(({ operation }) => operation === one.operation) === index);
}
