import type { ExecutionOutcome } from "../engine/index.ts";
import type { Pipeline, PreparedOperation } from "../pipeline/index.ts";
import { emptyOutcome } from "../pipeline/prepared-operation.ts";
import type { RequestContext } from "../pipeline/request-context.ts";
import { followSubscription } from "./follow-subscription.ts";
import type { RunOperationOptions } from "./run-operation-options.ts";
import type { OperationPayload } from "./socket-protocol.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Runs an operation that came over a socket: one result for a query or mutation, one for each event of a subscription.
 * The context's signal ends it. @throws RequestError where it is refused (503 while the process is overloaded), PlanningError
 */
export async function* runOperation(
  payload: OperationPayload,
  context: RequestContext,
  options: RunOperationOptions,
): AsyncGenerator<string, void, undefined> {
  const { pipeline, overload, usage, timeoutMs, maxMessageBytes } = options;
  const leave = overload.enter();
  let prepared: PreparedOperation | undefined;
  let answer: ExecutionOutcome | undefined;
  let failed = true;
  try {
    const own = pipeline.prepare(operationRequest(payload, maxMessageBytes), context);
    prepared = own;
    if (own.record.kind !== "subscription") {
      answer = await withinDeadline(context, timeoutMs, (limited) => pipeline.execute(own, limited));
    }
    failed = answer !== undefined && answer.errorCount > 0;
  } finally {
    leave(); // a subscription does not count as a request for the hours it is open
    if (prepared) usage.record(prepared.record, context, failed);
  }
  if (answer) {
    yield answer.body;
  } else if (prepared.runnable === null) {
    yield prepared.complete(emptyOutcome).body;
  } else {
    yield* followSubscription({ ...prepared, runnable: prepared.runnable }, context, options);
  }
}

/** `receivedBytes`: they came inside a message, so they are no larger; to measure them here could exhaust the stack. */
const operationRequest = (
  { query, operationName, variables }: OperationPayload,
  receivedBytes: number,
): Parameters<Pipeline["prepare"]>[0] => ({
  query,
  operationName: operationName ?? null,
  persistedHash: null,
  variables: variables ?? {},
  receivedBytes,
});
