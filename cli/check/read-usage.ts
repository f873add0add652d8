import { parseClientRange } from "../operations/client-range.ts";
import { mergeUsage, parseUsageEvidence, type UsageEvidence } from "../operations/usage-evidence.ts";
import type { FileTree } from "../source/file-tree.ts";
import type { EvidenceFilter } from "./evidence.ts";

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
