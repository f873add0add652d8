import { Cancellation } from "@tributary/platform/cancellation";
import { createPace } from "@tributary/platform/pace";
import type { ExecutableOperation, PlannedOperation } from "../engine/index.ts";
import type { OperationRecord } from "./operation-record.ts";
import type { PlanOnce } from "./plan-once.ts";

export type WarmUpLimits = {
  /** The hottest so many are prepared. */
  readonly maxOperations: number;
  /** When it ends, whatever is done by then. */
  readonly budgetMs: number;
};

/** Compiles for one operation what was compiled for its predecessor. */
export type CompileLike = (next: PlannedOperation, predecessor: PlannedOperation) => void;

export type WarmedUp = {
  readonly warmed: number;
  /** Operations in use that cannot be run under the new supergraph, or not be planned now, as a whole or in parts. */
  readonly skipped: readonly { readonly record: OperationRecord; readonly error: unknown }[];
};

/** What is planned and compiled: an operation as a whole, or a variant of it in parts. */
type Preparable = { readonly operation: ExecutableOperation; readonly planning: PlanOnce };

/**
 * Loads, plans and compiles the hottest operations of one generation for another, as a whole and in the parts they were asked
 * for in. Requests go on meanwhile.
 */
export async function warmOperations({
  records,
  loadNext,
  compile,
  limits: { maxOperations, budgetMs },
}: {
  readonly records: Iterable<OperationRecord>;
  /** The record of the same operation under the next generation. @throws RequestError */
  readonly loadNext: (record: OperationRecord) => OperationRecord;
  readonly compile?: CompileLike | undefined;
  readonly limits: WarmUpLimits;
}): Promise<WarmedUp> {
  const skipped: { record: OperationRecord; error: unknown }[] = [];
  const budget = new Cancellation();
  const timer = setTimeout(() => budget.abort(new Error("the time for warming up is over")), budgetMs);
  const pace = createPace();
  let warmed = 0;

  async function prepare(next: Preparable, predecessor: Preparable): Promise<void> {
    const plan = await next.planning.plan(budget);
    const present = predecessor.planning.planned();
    if (!compile || !present) return;
    await pace(() => compile({ record: next.operation, plan }, { record: predecessor.operation, plan: present }));
  }

  async function warm(record: OperationRecord): Promise<void> {
    const next = await pace(() => loadNext(record));
    const [{ shape }, { shape: present }] = [next, record];
    await prepare({ operation: shape, planning: shape }, { operation: present, planning: present });
    for (const { variables, variant } of present.deferred?.planned() ?? []) {
      const same = await pace(() => shape.deferred?.(variables));
      if (!same) continue;
      const from = { operation: variant.operation, planning: variant };
      await prepare({ operation: same.operation, planning: same }, from).catch((error: unknown) => {
        if (budget.aborted) throw error;
        skipped.push({ record, error }); // it is answered whole
      });
    }
    next.use.count = record.use.count >>> 1; // still hot when the next supergraph comes soon
    warmed += 1;
  }

  for (const record of hottest(records, maxOperations)) {
    if (budget.aborted) break;
    try {
      await warm(record);
    } catch (error) {
      if (!budget.aborted) skipped.push({ record, error });
    }
  }
  clearTimeout(timer);
  return { warmed, skipped };
}

/** The records of the shapes that were used most, one for each. */
export function hottest(records: Iterable<OperationRecord>, max: number): readonly OperationRecord[] {
  const byShape = new Map<string, { record: OperationRecord; count: number }>();
  for (const record of records) {
    const known = byShape.get(record.shape.id);
    if (!known) byShape.set(record.shape.id, { record, count: record.use.count });
    else {
      known.count += record.use.count;
      if (record.use.count > known.record.use.count) known.record = record;
    }
  }
  return [...byShape.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, max)
    .map(({ record }) => record);
}
