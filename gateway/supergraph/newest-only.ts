export interface NewestOnly<T> {
  add(item: T): void;
  /** Resolves when all that was added until now is worked on or passed over. */
  done(): Promise<void>;
}

/** Works on one item at a time; of those that come meanwhile only the newest gets its turn. */
export function createNewestOnly<T>(work: (item: T) => Promise<void>): NewestOnly<T> {
  let waiting: { readonly item: T } | undefined;
  let working: Promise<void> | undefined;

  async function workOff(): Promise<void> {
    try {
      while (waiting) {
        const { item } = waiting;
        waiting = undefined;
        await work(item);
      }
    } finally {
      working = undefined;
    }
  }

  return {
    add(item) {
      waiting = { item };
      working ??= workOff();
    },
    done: () => working ?? Promise.resolve(),
  };
}
