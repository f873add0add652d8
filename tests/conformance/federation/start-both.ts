import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { ApolloGateway } from "@tributary/gateway/apollo-adapter";
import { loadGatewayConfig } from "@tributary/gateway/config";
import { createGateway } from "@tributary/gateway/gateway";
import type { SubgraphTransport } from "@tributary/gateway/subgraph-calls/index";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { type GraphQLFormattedError, graphql, parse } from "graphql";
import type { CaseGroup, SubgraphResolvers } from "./case-group.ts";

type Answer = { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[] };
export type Ask = (request: {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}) => Promise<Answer>;

const secret = "conformance-conformance-conformance";
const nowhere = "127.0.0.1:1"; // neither Redis nor keys: every caller is anonymous

/** The gateway, and an Apollo Server with the engine as its gateway, over the subgraphs of all groups. */
export async function startBoth(
  groups: readonly CaseGroup[],
): Promise<{ gateway: Ask; adapter: Ask; stop: () => Promise<void> }> {
  const subgraphs = groups.flatMap((group) => Object.entries(group.subgraphs));
  const services = subgraphs.map(([name, { sdl }]) => ({ name, url: `http://${name}.invalid/graphql`, typeDefs: parse(sdl) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join("\n"));
  const executables = new Map(subgraphs.map(([name, { sdl, resolvers }]) => [name, executable(sdl, resolvers)]));
  const run = (name: string, body: string): Promise<string> => executables.get(name)?.(body) ?? Promise.reject(new Error(name));

  const [gateway, adapter] = await Promise.all([
    startGateway(supergraphSdl, [...executables.keys()], run),
    startAdapter(supergraphSdl, run),
  ]);
  return {
    gateway: gateway.ask,
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

type Run = (subgraph: string, body: string) => Promise<string>;

async function startGateway(supergraphSdl: string, names: readonly string[], run: Run) {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const source = join(folder, "supergraph.graphql");
  await writeFile(source, supergraphSdl);
  const logger = createLogger({ service: "gateway", level: "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const readiness = createReadiness();
  const config = loadGatewayConfig({
    NODE_ENV: "test",
    HOST: "127.0.0.1",
    PORT: "0",
    ADMIN_PORT: "0",
    SUPERGRAPH: source,
    SUPERGRAPH_WATCH_MS: "0",
    JWKS_URL: `http://${nowhere}`,
    TOKEN_ISSUER: "tributary",
    TOKEN_AUDIENCE: "tributary",
    REDIS_URL: `redis://${nowhere}`,
    SUBGRAPH_SECRET: secret,
    CURSOR_SECRET: secret,
  });
  const transports = new Map(names.map((name) => [name, inProcess(name, run)]));
  const metrics = createMetrics({ service: "gateway" });
  const gateway = await createGateway({ config, lifecycle, logger, metrics, readiness, transports, jwks: { keys: [] } });
  const { port } = await gateway.listen();
  while (!(await readiness.report()).ready) await new Promise((resolve) => setImmediate(resolve));
  const headers = { "content-type": "application/json" };
  const ask: Ask = async (request) => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: "POST", headers, body: JSON.stringify(request) });
    return (await response.json()) as Answer;
  };
  const stop = async (): Promise<void> => {
    await lifecycle.stop("done");
    await rm(folder, { recursive: true });
  };
  return { ask, stop };
}

const inProcess = (name: string, run: Run): SubgraphTransport => ({
  path: "/graphql",
  send: async ({ body }) => ({ status: 200, body: await run(name, body) }),
  subscribe: () => {
    throw new Error("no subscriptions here");
  },
  close: async () => {},
});

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
