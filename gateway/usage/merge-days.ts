import type { RecordedDay, RecordedUse } from "./read-usage.ts";

/**
 * Days from Redis and Postgres as one list. The same epoch of a day in both is the same counting, at two times: the higher
 * count is the later one. Different epochs are different countings, whose sum counts.
 */
export function mergeDays(days: readonly RecordedDay[]): RecordedDay[] {
  const merged = new Map<string, RecordedDay>();
  for (const day of days) {
    const key = `${day.day} ${day.epoch}`;
    const known = merged.get(key);
    merged.set(key, known ? laterOf(known, day) : day);
  }
  return [...merged.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

function laterOf(one: RecordedDay, other: RecordedDay): RecordedDay {
  const uses = new Map<string, RecordedUse>();
  for (const use of [...one.uses, ...other.uses]) {
    const key = [use.supergraph, use.operation, use.client, use.version].join("\t");
    const known = uses.get(key);
    uses.set(key, {
      ...use,
      requests: Math.max(use.requests, known?.requests ?? 0),
      errors: Math.max(use.errors, known?.errors ?? 0),
      lastSeenMs: Math.max(use.lastSeenMs, known?.lastSeenMs ?? 0),
    });
  }
  return { ...one, uses: [...uses.values()], texts: new Map([...one.texts, ...other.texts]) };
}
