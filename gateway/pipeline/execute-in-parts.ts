import { maskError } from "@tributary/platform/errors";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import type { AnswerPart, Executor, IncrementalExecutor } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import { PlanningError } from "../planner/index.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { ErrorMasker } from "./mask-errors.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";

export type ExecuteInPartsOptions = {
  readonly executor: Pick<Executor, "execute"> & Partial<Pick<IncrementalExecutor, "executeIncrementally">>;
  readonly subgraphCalls: Pick<SubgraphCalls, "forRequest">;
  readonly maskError: ErrorMasker;
  readonly logger: Logger;
  readonly production: boolean;
};

export type ExecuteInParts = ReturnType<typeof createExecuteInParts>;

/**
 * Plans an operation with `@defer` and begins to run it. Null where it has to be answered whole: nothing is deferred, the
 * planner has no plan in parts, or fields are withheld from the caller, which are put back into whole answers only.
 * @throws the signal's reason, RequestError
 */
export const createExecuteInParts =
  ({ executor, subgraphCalls, maskError: mask, logger, production }: ExecuteInPartsOptions) =>
  async (prepared: PreparedOperation, context: RequestContext): Promise<AsyncGenerator<AnswerPart, void, undefined> | null> => {
    const { record, runnable, variables } = prepared;
    const variant = runnable === record ? record.shape.deferred?.(variables) : undefined;
    if (!variant || !executor.executeIncrementally) return null;
    const { signal, requestId } = context;
    const plan = await variant.plan(signal).catch((error: unknown) => {
      if (isOfPlanning(error)) return null; // the whole one may have a plan, or get one soon
      throw error;
    });
    if (!plan) return null;
    return executor.executeIncrementally({
      record: variant.operation,
      plan,
      variables,
      fetch: subgraphCalls.forRequest(context),
      signal,
      formatError: (error) => mask(error, requestId),
      failure: (reason) => toClientError(reason, { logger, production }),
    });
  };

const isOfPlanning = (error: unknown): boolean =>
  error instanceof PlanningError || (error instanceof Error && error.cause instanceof PlanningError);

function toClientError(
  reason: unknown,
  options: { readonly logger: Logger; readonly production: boolean },
): GraphQLFormattedError {
  const known = reason instanceof RequestError ? reason.graphqlErrors[0] : undefined;
  if (known) return known;
  const { message, extensions } = maskError(reason, options);
  return { message, extensions: { ...extensions } };
}
