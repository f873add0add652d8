/** Tells which SQL texts come often enough to be worth a prepared statement on every connection. */
export type FrequentStatements = { isFrequent(text: string): boolean };

/**
 * A text is frequent from its `minUses`th use. Both memories are bounded: texts that vary, such as lists in `in (...)`, are
 * forgotten before they count, and never fill the connections with statements.
 */
export function createFrequentStatements({ minUses = 10, maxFrequent = 200, maxCounted = 1_000 } = {}): FrequentStatements {
  const frequent = new Set<string>();
  const uses = new Map<string, number>();
  return {
    isFrequent(text) {
      if (frequent.has(text)) return true;
      if (frequent.size >= maxFrequent) return false;
      const count = (uses.get(text) ?? 0) + 1;
      uses.delete(text); // to the end: the first is the one not used for longest
      if (count >= minUses) {
        frequent.add(text);
        return true;
      }
      uses.set(text, count);
      if (uses.size > maxCounted) uses.delete(uses.keys().next().value!);
      return false;
    },
  };
}
