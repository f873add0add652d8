import { setTimeout as sleep } from "node:timers/promises";

/** Runs one piece of a long work, and resolves when it is time for the next. @throws what the piece throws */
export type Pace = <T>(piece: () => T) => Promise<T>;

export type PaceOptions = {
  /** How much is done at once; a piece that takes longer is not cut. */
  readonly busyMs?: number;
  /** How many times as long requests have the event loop to themselves. */
  readonly restShare?: number;
};

/**
 * Work beside requests. A request needs several turns of the event loop, and would wait for a piece in each of them if
 * the work only let them in between: so after `busyMs` of it nothing is done for `restShare` times as long.
 */
export function createPace({ busyMs = 1, restShare = 2 }: PaceOptions = {}): Pace {
  let spentMs = 0;
  return async (piece) => {
    const startedMs = performance.now();
    try {
      return piece();
    } finally {
      spentMs += performance.now() - startedMs;
      if (spentMs >= busyMs) {
        const restMs = spentMs * restShare;
        spentMs = 0;
        await sleep(restMs);
      }
    }
  };
}
