import type { FeedEvent, FeedItem } from "./feed-item.ts";

export type ResetReason = Extract<FeedItem, { kind: "reset" }>["reason"];

/** What a reader may have waiting before it counts as too slow (P20). */
export const maxWaitingItems = 256;

/** One reader of a tail: a bounded queue between the tail, which never waits, and whoever consumes. */
export type FeedReader = {
  /** Takes the next event; those the reader has already are passed over. */
  push(event: FeedEvent): void;
  /** Tells after what is waiting that the end is reached. */
  checkpoint(): void;
  /** A checkpoint, where nothing is waiting and no item was taken within `idleMs`. */
  checkpointWhenIdle(idleMs: number): void;
  /** Makes `reset` the last item, after those waiting. */
  reset(reason: ResetReason): void;
  /** The next item, or null at the end. One call at a time. */
  next(): Promise<FeedItem | null>;
  /** Ends the reader at once. */
  end(): void;
};

/** `afterSeq` is the last number the consumer has. `onReset` is told once, when the reader can take no more. */
export function createFeedReader(afterSeq: number, onReset: (reason: ResetReason) => void): FeedReader {
  const waiting: FeedItem[] = [];
  let seq = afterSeq; // of the last item that was put into the queue
  let lastItemMs = performance.now();
  let closing = false;
  let ended = false;
  let wake: (() => void) | undefined;

  function put(item: FeedItem): void {
    waiting.push(item);
    wake?.();
  }
  function checkpoint(): void {
    if (!closing) put({ kind: "checkpoint", seq, caughtUp: true });
  }
  function reset(reason: ResetReason): void {
    if (closing) return;
    closing = true;
    put({ kind: "reset", seq, reason });
    onReset(reason);
  }
  return {
    push(event) {
      if (closing || event.seq <= seq) return;
      if (waiting.length >= maxWaitingItems) return reset("SLOW_CONSUMER");
      seq = event.seq;
      put(event);
    },
    checkpoint,
    checkpointWhenIdle(idleMs) {
      if (waiting.length === 0 && performance.now() - lastItemMs >= idleMs) checkpoint();
    },
    reset,
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      wake = undefined;
      if (ended) return null;
      lastItemMs = performance.now();
      const item = waiting.shift()!;
      if (item.kind === "reset") ended = true;
      return item;
    },
    end() {
      closing = true;
      ended = true;
      wake?.();
    },
  };
}
