import { formatConsistency } from "@tributary/contracts/consistency";
import { encodeIdentity } from "@tributary/contracts/identity";
import type { SubgraphCallContext } from "./subgraph-call-context.ts";

/** Everything subgraphs see of a caller that may change an answer: who has the same text may share one. */
export const callerKey = ({
  identity,
  consistency,
  clientIp,
}: Pick<SubgraphCallContext, "identity" | "consistency" | "clientIp">): string =>
  `${encodeIdentity(identity)}\n${formatConsistency(consistency)}\n${clientIp ?? ""}`;
