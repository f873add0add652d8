import { setTimeout as wait } from "node:timers/promises";

/** Runs one piece of a long work, and resolves when it is time for the next. @throws what the piece throws */
export type Pace = <T>(piece: () => T) => Promise<T>;

export type PaceOptions = {
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
};

const busyMs = 1; // done at once; a piece that takes longer is not cut
const restTimes = 2;

/**
 * Work beside requests. A request needs several turns of the event loop, and would wait for a piece in each of them if
 * the work only let them in between: so after a millisecond of it nothing is done
 * for twice as long.
 */
export function createPace({ now = nowMs, sleep = wait }: PaceOptions = {}): Pace {
  let spentMs = 0;
  return async (piece) => {
    const startedMs = now();
    try {
      return piece();
    } finally {
      spentMs += now() - startedMs;
      if (spentMs >= busyMs) {
        const restMs = spentMs * restTimes;
        spentMs = 0;
        await sleep(restMs);
      }
    }
  };
}

const nowMs = (): number => performance.now();
