import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";

/** How often one version of one client sent an operation. */
const clientUse = z.object({
  name: z.string(),
  version: z.string(),
  count: z.number().int().nonnegative(),
  /** Of these, answers with errors. */
  errors: z.number().int().nonnegative().default(0),
  /** ISO 8601. */
  lastSeen: z.string(),
});

/** The file `supergraph usage export` writes: hashes, texts without values, counts. No variables, no people. */
export const usageEvidence = z.object({
  format: z.literal("tributary-usage/1"),
  from: z.string(),
  to: z.string(),
  /** Requests whose operation is not known: there were more of them than a gateway records. */
  unattributed: z.number().int().nonnegative().default(0),
  operations: z.array(
    z.object({
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      name: z.string().nullable(),
      text: z.string(),
      clients: z.array(clientUse),
    }),
  ),
});

export type UsageEvidence = z.infer<typeof usageEvidence>;
export type RecordedClient = z.infer<typeof clientUse>;

/** @throws CouldNotRun naming the file and the fault */
export function parseUsageEvidence(path: string, text: string): UsageEvidence {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new CouldNotRun(`${path}: is not JSON`, { cause });
  }
  const parsed = usageEvidence.safeParse(raw);
  if (!parsed.success) throw new CouldNotRun(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Several files as one: windows joined, counts of the same client and operation added. */
export function mergeUsage(files: readonly UsageEvidence[]): UsageEvidence {
  const operations = new Map<string, UsageEvidence["operations"][number]>();
  for (const operation of files.flatMap((file) => file.operations)) {
    const known = operations.get(operation.hash);
    operations.set(
      operation.hash,
      known ? { ...known, clients: mergeClients([...known.clients, ...operation.clients]) } : operation,
    );
  }
  const sorted = [...operations.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return {
    format: "tributary-usage/1",
    from: files.map(({ from }) => from).sort()[0] ?? "",
    to:
      files
        .map(({ to }) => to)
        .sort()
        .at(-1) ?? "",
    unattributed: files.reduce((sum, { unattributed }) => sum + unattributed, 0),
    operations: sorted,
  };
}

function mergeClients(clients: readonly RecordedClient[]): RecordedClient[] {
  const merged = new Map<string, RecordedClient>();
  for (const client of clients) {
    const key = `${client.name}\0${client.version}`;
    const known = merged.get(key);
    if (!known) merged.set(key, client);
    else
      merged.set(key, {
        ...known,
        count: known.count + client.count,
        errors: known.errors + client.errors,
        lastSeen: [known.lastSeen, client.lastSeen].sort().at(-1)!, // ISO times sort as text
      });
  }
  return [...merged.keys()].sort().map((key) => merged.get(key)!);
}

/** Days between two ISO times, at least one. */
export const daysBetween = (from: string, to: string): number =>
  Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
