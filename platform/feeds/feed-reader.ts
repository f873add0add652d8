import type { FeedEvent, FeedItem } from "./feed-item.ts";

/** What a reader may have waiting (P20). */
const maxWaitingItems = 256;

/** One reader of a tail: a bounded queue between the tail, which never waits, and whoever consumes. */
export type FeedReader = {
  /** Takes the next event; those the reader has already are passed over. */
  push(event: FeedEvent): void;
  /** Tells after what is waiting that the end is reached. */
  checkpoint(): void;
  /** A checkpoint, where nothing is waiting and no item was taken within `idleMs`. */
  checkpointWhenIdle(idleMs: number): void;
  /** The feed cannot go on: the last item, after those waiting. */
  expire(): void;
  /** The next item; null at the end; `behind` when what was waiting is taken and more was not kept. One call at a time. */
  next(): Promise<FeedItem | "behind" | null>;
  /** The number of the last event put into the queue. */
  seq(): number;
  /** Ends the reader at once. */
  end(): void;
};

/** `afterSeq` is the last number the consumer has. `onFull` is told when the reader takes no more: the tail can forget it. */
export function createFeedReader(afterSeq: number, onFull: () => void): FeedReader {
  const waiting: FeedItem[] = [];
  let seq = afterSeq;
  let lastItemMs = performance.now();
  let full = false;
  let ended = false;
  let wake: (() => void) | undefined;

  function put(item: FeedItem): void {
    waiting.push(item);
    wake?.();
  }
  function checkpoint(): void {
    if (!full) put({ kind: "checkpoint", seq, caughtUp: true });
  }
  return {
    push(event) {
      if (full || event.seq <= seq) return;
      if (waiting.length >= maxWaitingItems) {
        full = true;
        onFull();
        return;
      }
      seq = event.seq;
      put(event);
    },
    checkpoint,
    checkpointWhenIdle(idleMs) {
      if (waiting.length === 0 && performance.now() - lastItemMs >= idleMs) checkpoint();
    },
    expire() {
      if (full) return;
      full = true;
      put({ kind: "reset", seq, reason: "CURSOR_EXPIRED" });
      onFull();
    },
    async next() {
      while (waiting.length === 0 && !full && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      wake = undefined;
      if (ended) return null;
      lastItemMs = performance.now();
      const item = waiting.shift() ?? "behind";
      if (item !== "behind" && item.kind === "reset") ended = true;
      return item;
    },
    seq: () => seq,
    end() {
      ended = true;
      wake?.();
    },
  };
}
