import { mergeConsistency } from "@tributary/contracts/consistency";
import { createNumbers, type ExecutionOutcome } from "../engine/index.ts";
import { callerKey, createInFlight } from "../subgraph-calls/index.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";

type Execute = (prepared: PreparedOperation, context: RequestContext) => Promise<ExecutionOutcome>;
type Executed = { readonly outcome: ExecutionOutcome; readonly consistency: RequestContext["consistency"] };

/**
 * Lets callers who would be answered the same wait for one execution: the same query, variables, identity, address and
 * positions seen. Nothing is kept once it has ended, and it goes on until the last of them has left.
 */
export function shareExecution(execute: Execute): Execute {
  const inFlight = createInFlight<Executed>(({ outcome, consistency }) => ({
    outcome: { ...outcome, bytes: Buffer.from(outcome.body) }, // once for all
    consistency,
  }));
  const numberOf = createNumbers();

  return async (prepared, context) => {
    const { record, variables } = prepared;
    if (record.kind !== "query") return execute(prepared, context);
    const key = `${numberOf(record)}\n${callerKey(context)}\n${JSON.stringify(variables)}`;
    const { outcome, consistency } = await inFlight.join(key, context.signal, async (signal) => {
      const shared: RequestContext = { ...context, signal };
      return { outcome: await execute(prepared, shared), consistency: shared.consistency };
    });
    context.consistency = mergeConsistency(context.consistency, consistency);
    return outcome;
  };
}
