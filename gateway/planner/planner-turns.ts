import { Cancellation, type CancelSignal } from "@tributary/platform/cancellation";
import { unavailable } from "../errors.ts";
import { createConcurrencyLimit } from "../subgraph-calls/concurrency-limit.ts";

export interface PlannerTurns {
  /** Resolves when it is the caller's turn, to what ends the turn. @throws RequestError 503, or the signal's reason */
  enter(signal: CancelSignal | undefined): Promise<() => void>;
}

/** Plans in turn: `maxRunning` at a time, `maxWaiting` in the queue, none of them longer than `maxWaitMs`. */
export function createPlannerTurns({
  maxRunning,
  maxWaiting = 256, // a plan takes 1-50 ms: more would wait longer than clients do
  maxWaitMs,
}: {
  readonly maxRunning: number;
  readonly maxWaiting?: number | undefined;
  readonly maxWaitMs: number;
}): PlannerTurns {
  const limit = createConcurrencyLimit({ maxRunning, maxWaiting });
  return {
    async enter(signal) {
      signal?.throwIfAborted();
      const waiting = new Cancellation();
      const leave = (): void => waiting.abort("left");
      const timer = setTimeout(leave, maxWaitMs);
      signal?.addEventListener("abort", leave);
      const isFull = limit.waiting >= maxWaiting;
      const isOn = await limit.acquire(waiting);
      clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
      if (isOn) return () => limit.release();
      signal?.throwIfAborted();
      throw unavailable(
        isFull ? "Too many operations are waiting to be planned." : "The operation waited too long to be planned.",
      );
    },
  };
}
