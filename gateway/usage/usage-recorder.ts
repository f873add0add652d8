import { batchMemoryMs, type StoredBounds, sendBatch, type UsageStore } from "./send-batch.ts";
import { makeBatches, type UsageBatch } from "./usage-batch.ts";
import { createUsageCounts, type UsageBounds, type UsageCounts } from "./usage-counts.ts";
import { dayOf, other } from "./usage-keys.ts";

export interface UsageRecorder {
  readonly record: UsageCounts["record"];
  /** Sends what was counted. What could not be sent goes first the next time, under the same id. @throws when Redis does not answer */
  flush(): Promise<void>;
}

export interface UsageRecorderOptions {
  readonly store: UsageStore;
  readonly bounds?: UsageBounds & StoredBounds;
  readonly now?: () => number;
  /** Requests that are counted, but under `other`. */
  readonly onOverflow?: (requests: number) => void;
  /** Requests that will not be counted: Redis was away for longer than it remembers batches. */
  readonly onLost?: (requests: number) => void;
}

// Some 25 MB of memory and 9 MB of Redis a day at the very most, when somebody floods us with names; a real graph has
// a few hundred operations of a few dozen client versions.
const defaultBounds: UsageBounds & StoredBounds = {
  maxOperations: 2_000,
  maxClients: 500,
  maxCombinations: 20_000,
  maxTextLength: 16 * 1024,
  maxCounts: 20_000,
  maxTexts: 2_000,
  maxTextBytes: 4 * 1024 * 1024,
};

/**
 * Counts executed operations by signature, client name and version, per day and supergraph; never values. Nothing is sent
 * while a request waits. A batch is counted once by Redis; what was counted since the last flush is lost with the process.
 */
export function createUsageRecorder({
  store,
  bounds = defaultBounds,
  now = Date.now,
  onOverflow = () => {},
  onLost = () => {},
}: UsageRecorderOptions): UsageRecorder {
  const counts = createUsageCounts(bounds);
  let day = dayOf(now());
  let stored = new Set<string>(); // operations whose text Redis has today, or refuses to take
  let refused = new Set<string>();
  let pending: { batch: UsageBatch; firstTriedMs: number | null }[] = [];
  let running: Promise<void> | undefined;

  function collect(): void {
    const taken = counts.take();
    const today = dayOf(now());
    if (today !== day) {
      day = today;
      stored = new Set();
      refused = new Set();
      counts.turnDay();
    }
    const attributed = taken.map((count) =>
      refused.has(count.operation) ? { ...count, operation: other, signature: null } : count,
    );
    const beyond = attributed.reduce(
      (sum, { operation, client, requests }) => (operation === other || client === other ? sum + requests : sum),
      0,
    );
    if (beyond > 0) onOverflow(beyond);
    const batches = makeBatches(attributed, { day, seenAtMs: now(), hasText: (operation) => stored.has(operation) });
    pending = batches.map((batch) => ({ batch, firstTriedMs: null }));
  }

  async function sendPending(): Promise<void> {
    for (;;) {
      const [next] = pending;
      if (!next) return;
      const { batch } = next;
      // It may have been counted when it was first tried, and Redis no longer knows: rather too few than twice.
      if (next.firstTriedMs !== null && now() - next.firstTriedMs > batchMemoryMs / 2) {
        onLost(batch.counts.reduce((sum, { requests }) => sum + requests, 0));
      } else {
        next.firstTriedMs ??= now();
        const outcome = await sendBatch(store, batch, bounds);
        if (batch.day === day) {
          for (const operation of batch.texts.keys()) stored.add(operation);
          for (const operation of outcome.missing) stored.delete(operation);
          for (const operation of outcome.refused) refused.add(operation);
        }
      }
      pending.shift();
    }
  }

  async function flush(): Promise<void> {
    await sendPending();
    collect();
    await sendPending();
  }

  return {
    record: counts.record,
    flush() {
      running ??= flush().finally(() => (running = undefined));
      return running;
    },
  };
}
