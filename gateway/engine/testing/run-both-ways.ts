import assert from "node:assert/strict";
import type { GraphQLFormattedError } from "graphql";
import { createExecutor } from "../graph-executor.ts";
import type { QueryPlan, SubgraphCall, SubgraphReply } from "../index.ts";
import type { TestSupergraph } from "./test-supergraph.ts";

/** What subgraphs answer, by name; `n` counts the calls to one, from 1. */
export type Answers = Record<
  string,
  (call: SubgraphCall & { variables: Record<string, unknown>; n: number }) => SubgraphReply | Promise<SubgraphReply>
>;

/** Runs queries, compiled and interpreted, against subgraphs that answer as told; both must give the same text. */
export const runBothWays =
  (supergraph: TestSupergraph) =>
  async (
    query: string,
    answers: Answers,
    options: { variables?: Record<string, unknown>; plan?: QueryPlan; errors?: GraphQLFormattedError[] } = {},
  ) => {
    const record = supergraph.operation(query);
    assert.ok("operation" in record, String(record));
    const results: { body: string; calls: SubgraphCall[] }[] = [];
    for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
      const calls: SubgraphCall[] = [];
      const fetch = async (call: SubgraphCall): Promise<SubgraphReply> => {
        calls.push(call);
        const answer = answers[call.subgraph];
        assert.ok(answer, `no call to ${call.subgraph}`);
        const { variables } = JSON.parse(call.body) as { variables: Record<string, unknown> };
        const reply = await answer({ ...call, variables, n: calls.filter(({ subgraph }) => subgraph === call.subgraph).length });
        return call.decode?.(JSON.stringify(reply)) ?? reply;
      };
      const { variables = {}, plan = supergraph.plan(query), errors } = options;
      const request = { record, plan, variables, fetch, signal: new AbortController().signal, errors };
      const { body } = await createExecutor({ compileAfterRuns }).execute(request);
      results.push({ body, calls });
    }
    assert.equal(results[0]?.body, results[1]?.body);
    const { data, errors } = JSON.parse(results[0]!.body) as { data: unknown; errors?: GraphQLFormattedError[] };
    return { body: results[0]!.body, data, errors, calls: results[0]!.calls };
  };
