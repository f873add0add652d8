import { setTimeout as wait } from "node:timers/promises";

/** Runs one piece of a long work, and resolves when it is time for the next. @throws what the piece throws */
export type Pace = <T>(piece: () => T) => Promise<T>;

export type PaceOptions = {
  readonly now?: () => number;
  /** For how long the event loop was not waiting, since any one time. */
  readonly active?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
};

const busyMs = 1; // done at once; a piece that takes longer is not cut
const shareOfRest = 1 / 3; // of the time that requests leave
const leastShare = 1 / 12; // of all time, where they leave none: it comes to an end

/**
 * Work beside requests. A request needs several turns of the event loop, and would wait for a piece in each of them if
 * the work only let them in between: so after a millisecond of it nothing is done for a while, at least twice as long, and
 * longer the more there is to do for others. Together they must not fill the event loop: requests would then queue.
 */
export function createPace({ now = nowMs, active = activeMs, sleep = wait }: PaceOptions = {}): Pace {
  const [begunMs, activeBeforeMs] = [now(), active()];
  let spentMs = 0;
  let spentInAllMs = 0;

  function share(): number {
    const passedMs = now() - begunMs - spentInAllMs;
    const othersMs = active() - activeBeforeMs - spentInAllMs;
    const left = passedMs <= 0 ? 1 : 1 - othersMs / passedMs;
    return Math.max(leastShare, Math.min(1, left) * shareOfRest);
  }

  return async (piece) => {
    const startedMs = now();
    try {
      return piece();
    } finally {
      const tookMs = now() - startedMs;
      spentMs += tookMs;
      spentInAllMs += tookMs;
      if (spentMs >= busyMs) {
        const restMs = spentMs * (1 / share() - 1);
        spentMs = 0;
        await sleep(restMs);
      }
    }
  };
}

const nowMs = (): number => performance.now();
const activeMs = (): number => performance.eventLoopUtilization().active;
