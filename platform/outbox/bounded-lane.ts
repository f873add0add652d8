/** Works off what is pushed, one after the other, without the pusher waiting. */
export type BoundedLane<T> = {
  /** False, and nothing taken, where too much is waiting. */
  push(item: T, size: number): boolean;
  /** Resolves when everything pushed so far was tried. */
  drained(): Promise<void>;
};

/** A lane for items of at most `maxSize` in sum; `work` must not reject. */
export function createBoundedLane<T>(maxSize: number, work: (item: T) => Promise<void>): BoundedLane<T> {
  const items: { item: T; size: number }[] = [];
  let waiting = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let next = items.shift(); next; next = items.shift()) {
      await work(next.item);
      waiting -= next.size;
    }
    running = undefined;
  }
  return {
    push(item, size) {
      if (waiting + size > maxSize) return false;
      waiting += size;
      items.push({ item, size });
      running ??= run();
      return true;
    },
    drained: () => running ?? Promise.resolve(),
  };
}
