import { executeSync, type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";
import type { ExecutionOutcome, Executor } from "../engine/index.ts";
import type { OperationRecord } from "../operations/index.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { ErrorMasker } from "./mask-errors.ts";
import { emptyOutcome, type PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";

export type ExecuteOptions = {
  readonly executor: Pick<Executor, "execute">;
  readonly subgraphCalls: Pick<SubgraphCalls, "forRequest">;
  readonly maskError: ErrorMasker;
};

/** Plans and runs an operation and completes its answer. @throws the signal's reason, RequestError, PlanningError */
export const createExecute =
  ({ executor, subgraphCalls, maskError }: ExecuteOptions) =>
  async ({ runnable, variables, complete }: PreparedOperation, context: RequestContext): Promise<ExecutionOutcome> => {
    if (!runnable) return complete(emptyOutcome);
    if (needsNoSubgraph(runnable)) return complete(answerLocally(runnable, variables));
    const outcome = await executor.execute({
      record: runnable.shape,
      plan: await runnable.plan(context.signal),
      variables,
      fetch: subgraphCalls.forRequest(context),
      signal: context.signal,
      formatError: (error) => maskError(error, context.requestId),
    });
    return complete(outcome);
  };

const local = new WeakMap<OperationRecord, boolean>();

/** True for an operation of introspection and `__typename` alone. */
function needsNoSubgraph(record: OperationRecord): boolean {
  const known = local.get(record);
  if (known !== undefined) return known;
  const isLocal = rootFieldNames(record.operation.selectionSet, record.fragments).every((name) => name.startsWith("__"));
  local.set(record, isLocal);
  return isLocal;
}

const rootFieldNames = (
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value;
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    return fragment ? rootFieldNames(fragment.selectionSet, fragments) : [];
  });

function answerLocally(
  { document, generation, operationName }: OperationRecord,
  variableValues: Record<string, unknown>,
): ExecutionOutcome {
  const result = executeSync({ schema: generation.apiSchema, document, operationName, variableValues });
  return { body: JSON.stringify(result), errorCount: result.errors?.length ?? 0 };
}
