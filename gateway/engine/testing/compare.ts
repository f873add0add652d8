import { type GraphQLFormattedError, getVariableValues } from "graphql";
import type { Executor, QueryPlan, SubgraphCall } from "../index.ts";
import type { MockWorld } from "./mock-subgraphs.ts";
import { createRandom, type RandomOperation, randomOperation } from "./random-operation.ts";
import type { TestSupergraph } from "./test-supergraph.ts";

export interface Case extends RandomOperation {
  readonly seed: number;
  readonly plan: QueryPlan;
}

/** A random operation that is valid and planned; undefined where the seed gives an invalid one. */
export function randomCase(
  supergraph: TestSupergraph,
  seed: number,
  kind: "query" | "mutation" | "subscription",
): Case | undefined {
  const operation = randomOperation(supergraph.generation.apiSchema, createRandom(seed), kind);
  if (!("operation" in supergraph.operation(operation.query))) return undefined;
  return { ...operation, seed, plan: supergraph.plan(operation.query) };
}

export interface Answer {
  readonly data: unknown;
  readonly errors: readonly GraphQLFormattedError[];
  readonly calls: readonly SubgraphCall[];
  readonly body: string;
}

/** Runs a case on an executor; `ask` answers in place of the world's subgraphs. */
export async function answer(
  executor: Executor,
  supergraph: TestSupergraph,
  world: MockWorld,
  { query, variables, plan }: Case,
  ask: MockWorld["fetch"] = world.fetch,
): Promise<Answer> {
  const record = supergraph.operation(query);
  if (!("operation" in record)) throw new Error(record.join());
  const values = getVariableValues(supergraph.generation.apiSchema, record.operation.variableDefinitions ?? [], variables);
  if (!values.coerced) throw new Error(values.errors?.[0]?.message);
  const calls: SubgraphCall[] = [];
  const fetch = (call: SubgraphCall) => {
    calls.push(call);
    return ask(call);
  };
  const request = { record, plan, variables: values.coerced, fetch, signal: new AbortController().signal };
  const primary = plan.node?.kind === "Subscription" ? plan.node.primary : undefined;
  const outcome = primary
    ? await executor.executeEvent({
        ...request,
        event: await world.firstEvent({
          subgraph: primary.serviceName,
          kind: "subscription",
          query: primary.operation,
          body: JSON.stringify({ query: primary.operation, variables: values.coerced }),
        }),
      })
    : await executor.execute(request);
  const { data, errors = [] } = JSON.parse(outcome.body) as { data: unknown; errors?: GraphQLFormattedError[] };
  return { data, errors, calls, body: outcome.body };
}
