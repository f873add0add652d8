import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { EventEnvelope } from "@tributary/contracts/events";

/** An event of a feed at its place. */
export type FeedEvent = {
  readonly kind: "event";
  readonly seq: number;
  readonly event: EventEnvelope;
  /** Reads at this position see the event's change. */
  readonly consistency: ConsistencyToken;
};

/** What a reader of a feed is given. `seq` is where it may go on from later. */
export type FeedItem =
  | FeedEvent
  /** `caughtUp` once the reader has seen all there is; then every 15 s while nothing happens. */
  | { readonly kind: "checkpoint"; readonly seq: number; readonly caughtUp: boolean }
  /** The last item: the reader must fetch the state again. */
  | { readonly kind: "reset"; readonly seq: number; readonly reason: "CURSOR_EXPIRED" | "SLOW_CONSUMER" };

export type ResetReason = Extract<FeedItem, { kind: "reset" }>["reason"];
