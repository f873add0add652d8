import type { Executor } from "../engine/index.ts";
import type { OverloadGuard } from "../limits/overload-guard.ts";
import type { Pipeline } from "../pipeline/index.ts";
import type { ErrorMasker } from "../pipeline/mask-errors.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { UsageRecorder } from "../usage/usage-recorder.ts";

/** What the operations of a socket run on. */
export type RunOperationOptions = {
  readonly pipeline: Pick<Pipeline, "prepare" | "execute">;
  readonly executor: Pick<Executor, "executeEvent">;
  readonly subgraphCalls: SubgraphCalls;
  readonly overload: Pick<OverloadGuard, "enter">;
  readonly usage: Pick<UsageRecorder, "record">;
  readonly maskError: ErrorMasker;
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  readonly onUpstreamLost: (subgraph: string, error: unknown) => void;
  readonly onEvent: () => void;
};
