import { Cancellation, type CancelSignal } from "@tributary/platform/cancellation";

/** Work that several callers wait for together. Each may leave; the work is cancelled when the last one has. */
export interface InFlight<T> {
  /** Joins the work under `key`, or starts it with `start`. @throws the signal's reason when this caller's signal aborts. */
  join(key: string, signal: CancelSignal, start: (signal: CancelSignal) => Promise<T>): Promise<T>;
  readonly size: number;
}

type Caller<T> = {
  readonly resolve: (result: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: CancelSignal;
  readonly leave: () => void;
};
type Flight<T> = { readonly callers: Set<Caller<T>>; readonly cancellation: Cancellation };

/**
 * Nothing outlives its work: the next call under a key starts anew. `whenShared` may change a result that more than one
 * caller waits for when it comes.
 */
export function createInFlight<T>(whenShared: (result: T) => T = (result) => result): InFlight<T> {
  const running = new Map<string, Flight<T>>();

  function takeOff(key: string, start: (signal: CancelSignal) => Promise<T>): Flight<T> {
    const flight: Flight<T> = { callers: new Set(), cancellation: new Cancellation() };
    running.set(key, flight);
    start(flight.cancellation).then(
      (result) => {
        const given = flight.callers.size > 1 ? whenShared(result) : result;
        land(key, flight, ({ resolve }) => resolve(given));
      },
      (reason: unknown) => land(key, flight, ({ reject }) => reject(reason)),
    );
    return flight;
  }

  function land(key: string, flight: Flight<T>, settle: (caller: Caller<T>) => void): void {
    forget(key, flight);
    for (const caller of flight.callers) {
      caller.signal.removeEventListener("abort", caller.leave);
      settle(caller);
    }
  }

  /** Who comes from now on must not join what has ended or is being ended. */
  function forget(key: string, flight: Flight<T>): void {
    if (running.get(key) === flight) running.delete(key);
  }

  return {
    join: (key, signal, start) =>
      new Promise<T>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const flight = running.get(key) ?? takeOff(key, start);
        const leave = (): void => {
          flight.callers.delete(caller);
          reject(signal.reason);
          if (flight.callers.size > 0) return;
          forget(key, flight);
          flight.cancellation.abort(signal.reason);
        };
        const caller: Caller<T> = { resolve, reject, signal, leave };
        flight.callers.add(caller);
        signal.addEventListener("abort", leave, { once: true });
      }),
    get size() {
      return running.size;
    },
  };
}
