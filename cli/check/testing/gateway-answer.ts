import { createExecutor } from "@tributary/gateway/engine/index";
import { createMockWorld } from "@tributary/gateway/engine/testing/mock-subgraphs";
import { defaultOperationLimits } from "@tributary/gateway/limits/index";
import { createOperations, withLifted } from "@tributary/gateway/operations/index";
import { choosePlanner, createApolloPlanner } from "@tributary/gateway/planner/index";
import { buildGeneration } from "@tributary/gateway/supergraph/generation";
import { type ExecutionResult, GraphQLError, getVariableValues } from "graphql";
import { composeSide } from "../../compose/compose-side.ts";
import { createLocalWorker } from "../../plans/apollo-worker.ts";
import { noCache } from "../../source/cache.ts";

/** How many answers were given, for how many of them more than one subgraph was asked, and what did not compose. */
export interface GatewayUse {
  answers: number;
  acrossSubgraphs: number;
  notComposed: number;
}

/**
 * Answers an operation as the gateway does: composed, validated, variables coerced, literals lifted, planned by its choice of
 * planner, run by its engine over subgraphs in this process that answer by the schema. Undefined when they do not compose: a check says so.
 */
export async function answerThroughGateway(
  sdls: Readonly<Record<string, string>>,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  use: GatewayUse,
): Promise<ExecutionResult | undefined> {
  const subgraphs = Object.entries(sdls).map(([name, text]) => ({ name, url: `http://${name}`, files: [{ path: name, text }] }));
  const { faults, hash, supergraphSdl, apiSdl } = await composeSide({ label: "head", subgraphs }, noCache);
  if (faults.length > 0) {
    use.notComposed += 1;
    return undefined;
  }
  const generation = buildGeneration({ id: hash, supergraphSdl, apiSdl }, 1, () => undefined);
  const general = createApolloPlanner({ worker: createLocalWorker(supergraphSdl) });
  const planner = choosePlanner({ choice: "auto", general });
  const operations = createOperations({ planner, limits: defaultOperationLimits, hideSuggestions: false });
  const record = operations.load({ generation, query });
  const values = getVariableValues(generation.apiSchema, record.operation.variableDefinitions ?? [], variables);
  if (values.errors) return { errors: values.errors };
  const world = createMockWorld(sdls, { nullEvery: 7, failEvery: 0 });
  const asked = new Set<string>();
  const { body } = await createExecutor().execute({
    record: record.shape,
    plan: await record.plan(),
    variables: withLifted(record, values.coerced),
    fetch: (call) => {
      asked.add(call.subgraph);
      return world.fetch(call);
    },
    signal: new AbortController().signal,
  });
  use.answers += 1;
  if (asked.size > 1) use.acrossSubgraphs += 1;
  const { data, errors } = JSON.parse(String(body)) as { data: Record<string, unknown>; errors?: { message: string }[] };
  return { data, ...(errors && { errors: errors.map(({ message }) => new GraphQLError(message)) }) };
}
