import { parseClientRange } from "../operations/client-range.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { daysBetween, mergeUsage, parseUsageEvidence, type UsageEvidence } from "../operations/usage-evidence.ts";
import type { AffectedOperation, ClientUse } from "../report/finding.ts";
import type { FileTree } from "../source/file-tree.ts";

export interface EvidenceFilter {
  /** Days back from the end of the evidence, not from today: the same file gives the same report. */
  readonly sinceDays: number | undefined;
  readonly minCount: number;
  /** Of all requests in the evidence, 0-100. */
  readonly minPercent: number;
  readonly ignoredClients: readonly string[];
}

/**
 * Reads and joins usage files, leaving out ignored clients and what was last seen before the window. Files without a
 * single operation are no evidence: nothing was recorded. @throws CouldNotRun
 */
export function readUsage(tree: FileTree, paths: readonly string[], filter: EvidenceFilter): UsageEvidence | undefined {
  const files = paths
    .flatMap((path) => (tree.find(path) ?? []).filter((file) => file.endsWith(".json")))
    .map((file) => parseUsageEvidence(file, tree.read(file)));
  if (files.length === 0) return undefined;
  const merged = mergeUsage(files);
  if (merged.operations.length === 0 && merged.unattributed === 0) return undefined;
  const ignored = filter.ignoredClients.map(parseClientRange);
  const since =
    filter.sinceDays === undefined ? "" : new Date(Date.parse(merged.to) - filter.sinceDays * 86_400_000).toISOString();
  const operations = merged.operations
    .map((operation) => ({
      ...operation,
      clients: operation.clients.filter(
        ({ name, version, lastSeen }) =>
          lastSeen >= since && !ignored.some((range) => range.name === name && range.matches(version)),
      ),
    }))
    .filter(({ clients }) => clients.length > 0);
  return { ...merged, from: [since, merged.from].sort().at(-1)!, operations };
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

/** Busiest first, then by name. */
export const compareAffected = (a: AffectedOperation, b: AffectedOperation): number =>
  perDay(b) - perDay(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.hash < b.hash ? -1 : 1);

const perDay = ({ clients }: AffectedOperation): number =>
  clients.reduce((sum, { requestsPerDay }) => sum + (requestsPerDay ?? 0), 0);
