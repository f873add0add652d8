import { setImmediate as nextTurn } from "node:timers/promises";
import { Cancellation } from "@tributary/platform/cancellation";
import { buildSchema } from "graphql";
import type { Executor } from "../engine/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { Operations } from "./operations.ts";
import { primingFetch, primingPlan, primingQuery, primingSchema } from "./priming-operation.ts";

/**
 * Takes from the first operations what they would pay for code that the runtime has not run yet: an operation of every
 * kind of part is parsed, validated, run and compiled (bench/gateway/cold-operations.ts).
 */
export async function primeOperations({
  operations,
  executor,
}: {
  readonly operations: Pick<Operations, "load">;
  readonly executor: Pick<Executor, "execute">;
}): Promise<void> {
  const schema = buildSchema(primingSchema, { assumeValid: true });
  const generation: SupergraphGeneration = {
    id: "prime",
    sequence: 0,
    supergraphSdl: "",
    apiSchema: schema,
    supergraphSchema: schema,
    subgraphs: new Map(),
    security: { types: new Map(), fields: new Map() },
  };
  const record = operations.load({ generation, query: primingQuery, operationName: "Prime" });
  const variables = { id: "1", first: 3, yes: true, ...record.lifted };
  const request = { record: record.shape, plan: primingPlan, variables, fetch: primingFetch, signal: new Cancellation() };
  for (let run = 0; run < 4; run++) {
    await nextTurn();
    await executor.execute(request); // interpreted, then compiled
  }
}
