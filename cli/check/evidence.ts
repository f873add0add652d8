import type { StoredOperation } from "../operations/stored-operation.ts";
import { daysBetween, type UsageEvidence } from "../operations/usage-evidence.ts";
import type { ClientUse } from "../report/finding.ts";

export interface EvidenceFilter {
  /** Days back from the end of the evidence, not from today: the same file gives the same report. */
  readonly sinceDays: number | undefined;
  readonly minCount: number;
  /** Of all requests in the evidence, 0-100. */
  readonly minPercent: number;
  readonly ignoredClients: readonly string[];
}

/** Operations below both thresholds warn instead of failing; they are shown all the same. Writes and feeds always count. */
export function isRare(
  operation: StoredOperation,
  usage: UsageEvidence | undefined,
  { minCount, minPercent }: EvidenceFilter,
): boolean {
  if (!usage || !operation.recordedOnly || operation.kind !== "query") return false;
  const total = usage.operations.reduce((sum, one) => sum + requests(one.clients), 0);
  const own = requests(operation.clients);
  return own < minCount && own * 100 < minPercent * total;
}

const requests = (clients: readonly { readonly count: number }[]): number => clients.reduce((sum, { count }) => sum + count, 0);

/** The clients of an operation, busiest first. */
export function clientUses(operation: StoredOperation, usage: UsageEvidence | undefined): ClientUse[] {
  const days = usage ? daysBetween(usage.from, usage.to) : 1;
  return operation.clients
    .map(({ name, version, count, lastSeen }) => ({
      name,
      version,
      requestsPerDay: usage && lastSeen ? perDayOf(count, days) : null,
      lastSeen: lastSeen || null,
    }))
    .sort(
      (a, b) =>
        (b.requestsPerDay ?? 0) - (a.requestsPerDay ?? 0) || (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1),
    );
}

/** Whole, but for a client so rare that a whole number would be zero. */
const perDayOf = (count: number, days: number): number =>
  count < days ? Math.round((count * 100) / days) / 100 : Math.round(count / days);
