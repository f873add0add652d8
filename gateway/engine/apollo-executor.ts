// Apollo's own executor behind our port: the oracle of the engine's tests, and what GATEWAY_EXECUTOR=apollo runs.
import { buildSchema as buildFederationSchema, type Schema } from "@apollo/federation-internals";
import { executeQueryPlan, type GraphQLDataSource } from "@apollo/gateway";
import { GraphQLError, type GraphQLFormattedError, printSchema } from "graphql";
import type {
  ExecutableSchemas,
  ExecutionOutcome,
  ExecutionRequest,
  Executor,
  SubgraphFetch,
  SubgraphReply,
} from "./executor.ts";
import type { FetchNode, PlanNode, QueryPlan } from "./query-plan.ts";

type QueryPlanOfApollo = Parameters<typeof executeQueryPlan>[0];
type RequestContextOfApollo = Parameters<typeof executeQueryPlan>[2];

/** An executor that hands each plan to `@apollo/gateway`. It knows no `@defer`, and its entity error paths can be off. */
export function createApolloExecutor(): Executor {
  const apiSchemas = new WeakMap<ExecutableSchemas, Schema>();
  const apiSchemaOf = (schemas: ExecutableSchemas): Schema => {
    const known = apiSchemas.get(schemas) ?? buildFederationSchema(printSchema(schemas.apiSchema), { validate: false });
    apiSchemas.set(schemas, known);
    return known;
  };

  async function run(request: ExecutionRequest, plan: QueryPlan, fetch: SubgraphFetch): Promise<ExecutionOutcome> {
    const { record, variables, errors: given = [], formatError = (error) => error, signal } = request;
    const { generation, operation, fragments } = record;
    // Every subgraph is answered by the function we are given; which one, the plan says.
    const serviceMap = Object.create(null) as Record<string, GraphQLDataSource>;
    for (const name of servicesOf(plan.node)) serviceMap[name] = dataSource(name, fetch);
    // The plan is Apollo's own (or of its shape); its types are only stricter about what may be absent.
    const result = await executeQueryPlan(
      plan as QueryPlanOfApollo,
      serviceMap,
      { request: { variables: { ...variables } }, context: {}, metrics: {}, logger: quiet } as unknown as RequestContextOfApollo,
      { schema: generation.apiSchema, operation, fragments: Object.fromEntries(fragments) },
      generation.supergraphSchema,
      apiSchemaOf(generation),
    );
    signal.throwIfAborted();
    const errors = [...given, ...(result.errors ?? []).map(format)].map(formatError);
    const data = JSON.stringify(result.data ?? null);
    const body = errors.length > 0 ? `{"errors":${JSON.stringify(errors)},"data":${data}}` : `{"data":${data}}`;
    return { body, errorCount: errors.length };
  }

  return {
    async execute(request) {
      request.signal.throwIfAborted();
      return run(request, request.plan, request.fetch);
    },
    // The event takes the place of the first fetch of an ordinary plan.
    async executeEvent(request) {
      const { plan, event, fetch } = request;
      if (plan.node?.kind !== "Subscription") throw new TypeError("not the plan of a subscription");
      const { primary, rest } = plan.node;
      const source: FetchNode = { ...primary, serviceName: eventSource, operationKind: "query" };
      const nodes: PlanNode[] = rest ? [source, rest] : [source];
      return run(request, { kind: "QueryPlan", node: { kind: "Sequence", nodes } }, async (call) =>
        call.subgraph === eventSource ? structuredClone(event) : fetch(call),
      );
    },
  };
}

const eventSource = " event"; // no subgraph's name begins with a space
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const dataSource = (subgraph: string, fetch: SubgraphFetch): GraphQLDataSource => ({
  async process({ request: { query = "", operationName, variables = {} } }) {
    const kind = /^\s*mutation\b/.test(query) ? "mutation" : "query";
    const reply: SubgraphReply = await fetch({
      subgraph,
      query,
      operationName,
      kind,
      body: JSON.stringify({ query, operationName, variables }),
    });
    // Apollo's executor merges into what it is given.
    return { data: structuredClone(reply.data), errors: reply.errors } as Awaited<ReturnType<GraphQLDataSource["process"]>>;
  },
});

function servicesOf(node: QueryPlan["node"], found = new Set<string>()): Set<string> {
  switch (node?.kind) {
    case "Fetch":
      if (node.contextRewrites?.length) throw new TypeError("the stock executor fills no arguments from contexts");
      found.add(node.serviceName);
      break;
    case "Flatten":
      servicesOf(node.node, found);
      break;
    case "Sequence":
    case "Parallel":
      for (const child of node.nodes) servicesOf(child, found);
      break;
    case "Condition":
      servicesOf(node.ifClause, found);
      servicesOf(node.elseClause, found);
      break;
  }
  return found;
}

function format(error: unknown): GraphQLFormattedError {
  if (error instanceof GraphQLError) return error.toJSON();
  return { message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } };
}
