import { setImmediate as nextTurn } from "node:timers/promises";
import { Cancellation } from "@tributary/platform/cancellation";
import type { PlannedOperation } from "../engine/index.ts";
import type { OperationRecord } from "./operation-record.ts";

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
  /** Operations in use that cannot be run under the new supergraph, or not be planned now. */
  readonly skipped: readonly { readonly record: OperationRecord; readonly error: unknown }[];
};

/**
 * Loads, plans and compiles the hottest operations of one generation for another. Requests go on meanwhile: after each
 * piece of work the event loop has a turn.
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
  let warmed = 0;

  async function warm(record: OperationRecord): Promise<void> {
    const next = loadNext(record);
    await nextTurn();
    const plan = await next.plan(budget);
    const present = record.shape.planned();
    if (compile && present) {
      await nextTurn();
      compile({ record: next.shape, plan }, { record: record.shape, plan: present });
    }
    next.use.count = record.use.count / 2; // still hot when the next supergraph comes soon
    warmed += 1;
  }

  for (const record of hottest(records, maxOperations)) {
    await nextTurn();
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
