/** Takes one token; false when the bucket is empty. */
export type TokenBucket = { take(nowMs: number): boolean };

/** A bucket of `burst` tokens that gains `perSecond` of them each second. */
export function createTokenBucket({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }): TokenBucket {
  let tokens = burst;
  let filledMs = 0;
  return {
    take(nowMs) {
      if (filledMs !== 0) tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1_000) * perSecond);
      filledMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
