import { unavailable } from "../errors.ts";

export type OverloadGuard = {
  /** Takes a place for one request; the returned function gives it back. @throws RequestError 503 at once when there is none */
  enter(): () => void;
  /** Looks at the event loop and moves the limit; called about four times a second. */
  adjust(): void;
  readonly limit: number;
};

export type OverloadGuardOptions = {
  readonly maxConcurrent: number;
  /** The median delay of the event loop since the last call. */
  readonly loopDelayMs: () => number;
};

// A turn of the event loop this long means that requests wait for each other, not for subgraphs.
const overloadedDelayMs = 200;
const minConcurrent = 64; // enough to keep the processor busy
const shrink = 0.8;
const growth = 1.1;

/**
 * Keeps the number of requests in flight below what the process can work off: the limit shrinks while the event loop is
 * late and grows back slowly. What is over it is refused at once instead of making all others slower.
 */
export function createOverloadGuard({ maxConcurrent, loopDelayMs }: OverloadGuardOptions): OverloadGuard {
  let running = 0;
  let limit = maxConcurrent;
  return {
    enter() {
      if (running >= limit) throw unavailable("The gateway is busy.");
      running += 1;
      let entered = true;
      return () => {
        if (entered) running -= 1;
        entered = false;
      };
    },
    adjust() {
      const floor = Math.min(minConcurrent, maxConcurrent);
      if (loopDelayMs() > overloadedDelayMs) limit = Math.max(floor, Math.floor(Math.min(limit, running) * shrink));
      else limit = Math.min(maxConcurrent, Math.ceil(limit * growth));
    },
    get limit() {
      return limit;
    },
  };
}
