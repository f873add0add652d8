import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Identity } from "@tributary/contracts/identity";
import type { CancelSignal } from "@tributary/platform/cancellation";
import type { Principal } from "../auth/principal.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";

/** What is known of one client request or socket operation while it runs. */
export type RequestContext = {
  readonly requestId: string;
  /** Null for an anonymous caller. */
  readonly principal: Principal | null;
  /** The principal's identity, as subgraphs see it. */
  readonly identity: Identity | null;
  /** What the client has seen, raised by each subgraph reply. */
  consistency: ConsistencyToken;
  readonly clientIp: string | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  /** The supergraph this request keeps from beginning to end. */
  readonly generation: SupergraphGeneration;
  /** When the request must be answered, as Date.now() counts. */
  readonly deadlineMs: number;
  /** Aborts at the deadline, and for queries when the client has gone. */
  readonly signal: CancelSignal;
  /** W3C trace context of the client, where it sent one. */
  readonly traceparent?: string | undefined;
};
