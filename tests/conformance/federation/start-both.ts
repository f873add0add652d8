import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { ApolloGateway } from "@tributary/gateway/apollo-adapter";
import { type GraphQLFormattedError, graphql, parse } from "graphql";
import { composeSupergraph, startGateway } from "../start-gateway.ts";
import type { CaseGroup, SubgraphResolvers } from "./case-group.ts";

type Answer = { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[] };
export type Ask = (request: {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}) => Promise<Answer>;

/** The gateway, and an Apollo Server with the engine as its gateway, over the subgraphs of all groups. */
export async function startBoth(
  groups: readonly CaseGroup[],
): Promise<{ gateway: Ask; adapter: Ask; stop: () => Promise<void> }> {
  const subgraphs = groups.flatMap((group) => Object.entries(group.subgraphs));
  const supergraphSdl = composeSupergraph(new Map(subgraphs.map(([name, { sdl }]) => [name, sdl])));
  const executables = new Map(subgraphs.map(([name, { sdl, resolvers }]) => [name, executable(sdl, resolvers)]));
  const run = (name: string, body: string): Promise<string> => executables.get(name)?.(body) ?? Promise.reject(new Error(name));

  const senders = new Map(
    [...executables].map(([name, execute]) => [
      name,
      async ({ body }: { body: string }) => ({ status: 200, body: await execute(body) }),
    ]),
  );
  const [gateway, adapter] = await Promise.all([startGateway({ supergraphSdl, senders }), startAdapter(supergraphSdl, run)]);
  return {
    gateway: overHttp(gateway.port),
    adapter: adapter.ask,
    stop: async () => void (await Promise.all([gateway.stop(), adapter.stop()])),
  };
}

function executable(sdl: string, resolvers: SubgraphResolvers): (body: string) => Promise<string> {
  // Their resolvers are written for the parents and arguments they get; the library's type knows neither.
  const typed = resolvers as NonNullable<
    Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>["resolvers"]
  >;
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: typed });
  return async (body) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    return JSON.stringify(await graphql({ schema, source: query, variableValues: variables ?? {} }));
  };
}

const overHttp =
  (port: number): Ask =>
  async (request) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: "POST", headers, body: JSON.stringify(request) });
    return (await response.json()) as Answer;
  };

type Run = (subgraph: string, body: string) => Promise<string>;

async function startAdapter(supergraphSdl: string, run: Run) {
  const gateway = new ApolloGateway({
    supergraphSdl,
    fetchFor:
      () =>
      async ({ subgraph, body, decode }) => {
        const text = await run(subgraph, body);
        return decode?.(text) ?? JSON.parse(text);
      },
  });
  const apollo = new ApolloServer({ gateway, includeStacktraceInErrorResponses: false });
  await apollo.start();
  const ask: Ask = async (request) => {
    const { body } = await apollo.executeOperation(request);
    if (body.kind !== "single") throw new Error("not a single result");
    return JSON.parse(JSON.stringify(body.singleResult)) as Answer;
  };
  return { ask, stop: () => apollo.stop() };
}
