export type NonceMemory = {
  /** False where the nonce was seen within the time kept. */
  remember(nonce: string): boolean;
};

/**
 * Remembers nonces for at least `keepMs` (two generations, so forgetting costs nothing per nonce). Bounded: beyond
 * `maxPerGeneration` nothing more is accepted until the generation ends, as forgetting early would allow a replay.
 */
export function createNonceMemory(options: { keepMs: number; now: () => number; maxPerGeneration?: number }): NonceMemory {
  const { keepMs, now, maxPerGeneration = 2_000_000 /* 33,000 requests a second for a minute; about 150 MB */ } = options;
  let current = new Set<string>();
  let previous = new Set<string>();
  let startedAt = now();
  return {
    remember(nonce) {
      const ageMs = now() - startedAt;
      if (ageMs >= keepMs) {
        previous = ageMs >= 2 * keepMs ? new Set() : current;
        current = new Set();
        startedAt = now();
      }
      if (current.has(nonce) || previous.has(nonce) || current.size >= maxPerGeneration) return false;
      current.add(nonce);
      return true;
    },
  };
}
