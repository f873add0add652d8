import { toAbortSignal } from "@tributary/platform/cancellation";
import type { GraphQLFormattedError } from "graphql";
import type { SubgraphReply } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import type { PreparedOperation } from "../pipeline/prepared-operation.ts";
import type { RequestContext } from "../pipeline/request-context.ts";
import type { FetchNode, QueryPlan } from "../planner/index.ts";
import { createUpstreamSubscription, type UpstreamSubscription } from "./resumable-subscription.ts";
import { resumeUpstream } from "./resume-upstream.ts";
import type { RunOperationOptions } from "./run-operation-options.ts";
import { withinDeadline } from "./within-deadline.ts";

// A plan is kept with its operation's record, and so is what was made of it.
const upstreams = new WeakMap<QueryPlan, UpstreamSubscription>();

type RunnableSubscription = PreparedOperation & { readonly runnable: NonNullable<PreparedOperation["runnable"]> };

/** Follows a subscription on its subgraph and completes each event from the others. Yields the JSON text of each result. */
export async function* followSubscription(
  { runnable, variables, complete }: RunnableSubscription,
  context: RequestContext,
  { executor, subgraphCalls, maskError, timeoutMs, onUpstreamLost, onEvent }: RunOperationOptions,
): AsyncGenerator<string, void, undefined> {
  const { requestId } = context;
  const signal = toAbortSignal(context.signal);
  const formatError = (error: GraphQLFormattedError): GraphQLFormattedError => maskError(error, requestId);
  const plan = await runnable.plan(signal);
  const upstream = upstreamOf(plan, runnable.generation.supergraphSchema);
  const { subgraph, query, operationName } = upstream;
  const frames = resumeUpstream({
    open: (lastCursor) => {
      const payload = { query, operationName, variables: upstream.variables(variables, lastCursor) };
      return subgraphCalls.subscribe(context, { subgraph, payload });
    },
    cursorOf: ({ data }) => upstream.cursorOf(data),
    resumable: upstream.resumable,
    signal,
    onLost: (error) => onUpstreamLost(subgraph, error),
  });

  let started = false;
  for await (const event of frames) {
    if (!started && isRefusal(event)) throw refused(event, formatError);
    started = true;
    onEvent();
    const outcome = await withinDeadline(context, timeoutMs, (limited) =>
      executor.executeEvent({
        record: runnable.shape,
        plan,
        variables,
        event,
        fetch: subgraphCalls.forRequest(limited),
        signal: limited.signal,
        formatError,
      }),
    );
    yield complete(outcome).body;
  }
}

function upstreamOf(plan: QueryPlan, schema: Parameters<typeof createUpstreamSubscription>[1]): UpstreamSubscription {
  const known = upstreams.get(plan);
  if (known) return known;
  const upstream = createUpstreamSubscription(primaryFetch(plan), schema);
  upstreams.set(plan, upstream);
  return upstream;
}

function primaryFetch({ node }: QueryPlan): FetchNode {
  if (node?.kind !== "Subscription") throw new Error(`a subscription was planned as ${node?.kind ?? "nothing"}`);
  return node.primary;
}

/** A subscription that never began answers once, with errors and no data. */
const isRefusal = ({ data, errors }: SubgraphReply): boolean =>
  (errors?.length ?? 0) > 0 && Object.values(data ?? {}).every((value) => value === null);

function refused(
  { errors = [] }: SubgraphReply,
  formatError: (error: GraphQLFormattedError) => GraphQLFormattedError,
): RequestError {
  const [first = { message: "The subscription was refused." }, ...rest] = errors.map(formatError);
  return new RequestError({ status: 400, code: "BAD_USER_INPUT", message: first.message, graphqlErrors: [first, ...rest] });
}
