import type { ComposedSide } from "../compose/compose-side.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { type DiskCache, hashOf } from "../source/cache.ts";
import type { OrderFault } from "./deploy-order.ts";
import type { Plans } from "./plan-operations.ts";

type KeptFault = Omit<OrderFault, "operation"> & { readonly operation: string };

/** Bump when what counts as a fault changes. */
const cacheVersion = 2;

/** `findOrderFaults`, or what it found of the same subgraphs and operations before: it has to load the federation library. */
export async function cachedOrderFaults(
  base: { readonly side: ComposedSide; readonly plans: Plans },
  head: { readonly side: ComposedSide; readonly plans: Plans },
  changed: readonly string[],
  operations: readonly StoredOperation[],
  cache: DiskCache,
): Promise<readonly OrderFault[]> {
  const planners = [base, head].map(({ plans }) => [...new Set([...plans.values()].map(({ planner }) => planner))].sort());
  const key = hashOf([
    cacheVersion,
    planners,
    base.side.inputsHash,
    head.side.inputsHash,
    changed,
    operations.map(({ hash }) => hash),
  ]);
  const byHash = new Map(operations.map((operation) => [operation.hash, operation]));
  const kept = cache.get<readonly KeptFault[]>("order", key);
  if (kept) return kept.map((fault) => ({ ...fault, operation: byHash.get(fault.operation)! }));
  const { findOrderFaults } = await import("./deploy-order.ts");
  const planned = ({ side, plans }: typeof base) => ({ subgraphs: side.subgraphs, definitions: side.definitions, plans });
  const faults = findOrderFaults(planned(base), planned(head), changed, operations);
  cache.set(
    "order",
    key,
    faults.map((fault): KeptFault => ({ ...fault, operation: fault.operation.hash })),
  );
  return faults;
}
