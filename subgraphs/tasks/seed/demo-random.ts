/** Numbers that look random and are the same each time (mulberry32). */
export function createDemoRandom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    /** From 0 to under 1. */
    next,
    /** A whole number from 0 to under `bound`. */
    below,
    pick: <Value>(values: readonly Value[]): Value => values[below(values.length)]!,
    /** `count` different ones, or all. */
    some<Value>(values: readonly Value[], count: number): Value[] {
      const rest = [...values];
      return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(below(rest.length), 1)[0]!);
    },
  };
}

export type DemoRandom = ReturnType<typeof createDemoRandom>;
