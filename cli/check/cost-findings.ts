import { type StoredOperation, variantsOf } from "../operations/stored-operation.ts";
import type { Validity } from "../operations/validity.ts";
import { type CostRules, costOfOperation, readCostRules } from "../plans/operation-cost.ts";
import { createFinding, type Finding } from "../report/finding.ts";
import { type ChangeContext, describeAffected } from "./change-findings.ts";
import type { CheckSettings } from "./settings-shape.ts";

interface CostedSide {
  readonly sdl: string;
  readonly validity: Validity;
}

interface OperationCost {
  readonly operation: StoredOperation;
  /** Undefined: nobody sent it before, or it was not valid. */
  readonly before: number | undefined;
  readonly after: number;
}

/** The static cost of each operation on both sides; of several ways to write it, the dearest counts. */
export function costsOf(operations: readonly StoredOperation[], base: CostedSide | undefined, head: CostedSide): OperationCost[] {
  const after = readCostRules(head.sdl);
  const before = base && (base.sdl === head.sdl ? after : readCostRules(base.sdl));
  return operations.map((operation) => {
    const cost = ({ validity }: CostedSide, rules: CostRules): number =>
      Math.max(...variantsOf(operation).map(({ document }) => costOfOperation(validity.schema, rules, document)));
    const comparable = base && before && !operation.isNew && base.validity.faultsOf(operation).length === 0;
    return { operation, after: cost(head, after), before: comparable ? cost(base, before) : undefined };
  });
}

/** Operations that cost much more than before, or more than the gateway takes. */
export function costFindings(
  costs: readonly OperationCost[],
  { limit, max_growth: maxGrowth }: CheckSettings["cost"],
  context: Pick<ChangeContext, "frames" | "clientsOf">,
): Finding[] {
  return costs.flatMap(({ operation, before, after }) => {
    const over = after > limit;
    const wasOver = before !== undefined && before > limit;
    const grew = before !== undefined && after > before * maxGrowth && after - before >= 10; // a few objects more are noise
    if (!grew && (!over || (wasOver && after === before))) return [];
    const crossed = over && !wasOver;
    const change = before === undefined ? `costs ${after}` : `costs ${before} -> ${after}`;
    const reason = crossed ? `${change}: the gateway refuses more than ${limit}` : change;
    const described = {
      ...describeAffected({ operation, status: crossed ? "broken" : "risky", reason, node: undefined }, context),
      status: crossed ? "broken" : "costlier",
    } as const;
    return [
      createFinding({
        rule: crossed ? "COST_OVER_LIMIT" : "COST_GREW",
        gate: "cost",
        level: crossed ? "error" : "warning",
        coordinate: operation.name,
        detail: `${operation.hash} ${before ?? ""} ${after}`,
        message: `${operation.kind} ${operation.name} ${reason}`,
        place: described.place,
        operations: [described],
      }),
    ];
  });
}
