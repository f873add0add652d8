import { mergeConsistency } from "@tributary/contracts/consistency";
import { createSourceEventStream, type DocumentNode, execute, type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import { consistencyOf } from "./feed-frame.ts";
import type { ErrorFormatter } from "./format-error.ts";
import { consistencyExtension, type SessionContext } from "./graphql-endpoint.ts";
import type { SubgraphRequestContext } from "./request-context.ts";
import type { SubscriptionPayload } from "./subscription-document.ts";

export type SubscriptionStream = AsyncGenerator<FormattedExecutionResult, void, void>;

export type SubscriptionRequest<Context> = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly payload: SubscriptionPayload;
  /** Its signal ends the subscription. */
  readonly request: SubgraphRequestContext;
  readonly createContext: (request: SubgraphRequestContext) => Context;
  readonly formatError: ErrorFormatter;
};

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/**
 * The results of a subscription, one per event of its source. Each event gets a fresh context (its loaders must not remember
 * the state of an earlier event) at least as fresh as the event. Pulls one event at a time: a slow reader slows the source.
 */
async function* results<Context extends SessionContext>(subscription: SubscriptionRequest<Context>): SubscriptionStream {
  const { schema, document, payload, request, createContext, formatError } = subscription;
  const shared = { schema, document, operationName: payload.operationName ?? null, variableValues: payload.variables ?? {} };
  try {
    const source = await createSourceEventStream({ ...shared, contextValue: createContext(request) });
    if (!isStream(source)) {
      yield { errors: (source.errors ?? []).map(formatError) };
      return;
    }
    for await (const event of source) {
      const context = createContext({ ...request, consistency: mergeConsistency(request.consistency, consistencyOf(event)) });
      const { data, errors } = await execute({ ...shared, rootValue: event, contextValue: context });
      yield {
        ...(errors && { errors: errors.map(formatError) }),
        ...(data !== undefined && { data }),
        extensions: await consistencyExtension(context),
      };
    }
  } catch (error) {
    if (!request.signal.aborted) yield { errors: [formatError(error)] }; // after an abort nobody reads, and its reason is no fault
  }
}

/**
 * As `results`, but ends at once when `stop` is called or the signal of the request is aborted, even while waiting for an
 * event: a plain generator would finish only after the next one.
 */
export function openSubscription<Context extends SessionContext>(
  subscription: Omit<SubscriptionRequest<Context>, "request"> & { request: Omit<SubgraphRequestContext, "signal"> },
  signal: AbortSignal,
): SubscriptionStream {
  const ending = new AbortController();
  const inner = results({ ...subscription, request: { ...subscription.request, signal: ending.signal } });
  const done: IteratorReturnResult<void> = { done: true, value: undefined };
  let finishWaiting: (() => void) | undefined;
  const end = (): void => {
    if (ending.signal.aborted) return;
    signal.removeEventListener("abort", end);
    ending.abort();
    finishWaiting?.();
    inner.return().catch(() => undefined); // runs the source's `finally`; its outcome interests nobody any more
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  const stream: SubscriptionStream = {
    next: () =>
      new Promise((resolve, reject) => {
        if (ending.signal.aborted) return resolve(done);
        finishWaiting = () => resolve(done);
        inner.next().then((result) => {
          if (result.done) end();
          resolve(result);
        }, reject);
      }),
    return: async () => {
      end();
      return done;
    },
    throw: async (error) => {
      end();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => end(),
  };
  return stream;
}
