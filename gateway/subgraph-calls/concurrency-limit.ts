import type { CancelSignal } from "@tributary/platform/cancellation";

/** Lets `maxRunning` calls run at a time and `maxWaiting` wait for their turn. */
export interface ConcurrencyLimit {
  /** Resolves to true when it is the caller's turn, who must `release` once; to false when too many wait already or the signal aborts. */
  acquire(signal: CancelSignal): Promise<boolean> | boolean;
  release(): void;
  readonly running: number;
  readonly waiting: number;
}

export function createConcurrencyLimit({ maxRunning, maxWaiting }: { maxRunning: number; maxWaiting: number }): ConcurrencyLimit {
  let running = 0;
  const waiters: (() => void)[] = [];
  return {
    acquire(signal) {
      if (running < maxRunning) {
        running += 1;
        return true; // no promise on the common way
      }
      if (waiters.length >= maxWaiting || signal.aborted) return false;
      return new Promise<boolean>((resolve) => {
        const left = (): void => {
          waiters.splice(waiters.indexOf(turn), 1);
          resolve(false);
        };
        const turn = (): void => {
          signal.removeEventListener("abort", left);
          resolve(true);
        };
        signal.addEventListener("abort", left, { once: true });
        waiters.push(turn);
      });
    },
    release() {
      const next = waiters.shift();
      if (next) next();
      else running -= 1;
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
  };
}
