/** Work that several callers wait for together. Each may leave; the work is aborted when the last one has. */
export interface InFlight<T> {
  /** Joins the work under `key`, or starts it with `start`. @throws the signal's reason when this caller's signal aborts. */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>;
  readonly size: number;
}

/**
 * Nothing outlives its work: the next call under a key starts anew. `whenShared` may change a result that more than one
 * caller waits for when it comes.
 */
export function createInFlight<T>(whenShared: (result: T) => T = (result) => result): InFlight<T> {
  const running = new Map<string, Flight<T>>();

  function takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const aborting = new AbortController();
    const settled = start(aborting.signal).finally(() => {
      if (running.get(key) === flight) running.delete(key);
    });
    const work = settled.then((result) => (flight.callers > 1 ? whenShared(result) : result));
    work.catch(() => {}); // every caller may have left; those who wait get the rejection themselves
    const flight: Flight<T> = { work, callers: 0, aborting };
    running.set(key, flight);
    return flight;
  }

  return {
    join: (key, signal, start) =>
      new Promise<T>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const flight = running.get(key) ?? takeOff(key, start);
        flight.callers += 1;
        const leave = (): void => {
          flight.callers -= 1;
          if (flight.callers === 0) {
            if (running.get(key) === flight) running.delete(key); // who comes now must not join what is being ended
            flight.aborting.abort(signal.reason);
          }
          reject(signal.reason);
        };
        signal.addEventListener("abort", leave, { once: true });
        flight.work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
      }),
    get size() {
      return running.size;
    },
  };
}

type Flight<T> = { readonly work: Promise<T>; callers: number; readonly aborting: AbortController };
