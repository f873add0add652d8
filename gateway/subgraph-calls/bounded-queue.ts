/** Carries items from a callback to one reader; a reader that falls behind gets an error instead of an endless queue. */
export interface BoundedQueue<T> {
  push(item: T): void;
  end(): void;
  /** The reader gets what waits, then this error. */
  fail(error: Error): void;
  items(): AsyncGenerator<T, void>;
}

/** `overflow` makes the error of a queue that already holds `maxItems`. */
export function createBoundedQueue<T>(maxItems: number, overflow: () => Error): BoundedQueue<T> {
  const waiting: T[] = [];
  let over = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  const queue: BoundedQueue<T> = {
    push(item) {
      if (over) return;
      if (waiting.length >= maxItems) {
        queue.fail(overflow());
        return;
      }
      waiting.push(item);
      notify();
    },
    end() {
      over = true;
      notify();
    },
    fail(error) {
      if (over) return;
      failure = error;
      queue.end();
    },
    async *items() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        if (failure) throw failure;
        if (over) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  return queue;
}
