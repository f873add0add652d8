import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Identity } from "@tributary/contracts/identity";
import type { CancelSignal } from "@tributary/platform/cancellation";

/** What a subgraph call takes from the client's request. The pipeline's RequestContext has this shape. */
export interface SubgraphCallContext {
  readonly requestId: string;
  readonly identity: Identity | null;
  readonly clientIp: string | null;
  /** Positions seen so far; raised by each reply. */
  consistency: ConsistencyToken;
  /** When the request must be answered, as Date.now() counts. */
  readonly deadlineMs: number;
  readonly signal: CancelSignal;
  readonly traceparent?: string | undefined;
}
