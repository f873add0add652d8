import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { loadGatewayConfig } from "@tributary/gateway/config";
import { createGateway } from "@tributary/gateway/gateway";
import type { SubgraphTransport } from "@tributary/gateway/subgraph-calls/index";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { parse } from "graphql";

const secret = "conformance-conformance-conformance";
const nowhere = "127.0.0.1:1"; // neither Redis nor keys

/** The supergraph of these subgraphs' schemas. @throws Error with what composition says */
export function composeSupergraph(sdls: ReadonlyMap<string, string>): string {
  const services = [...sdls].map(([name, sdl]) => ({ name, url: `http://${name}.invalid/graphql`, typeDefs: parse(sdl) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

type GatewayOptions = {
  readonly supergraphSdl: string;
  /** How each subgraph is called; there are no subscriptions. */
  readonly senders: ReadonlyMap<string, SubgraphTransport["send"]>;
  /** Without them every caller is anonymous. */
  readonly jwks?: Parameters<typeof createGateway>[0]["jwks"];
  readonly environment?: Readonly<Record<string, string>>;
};

/** A gateway on a port of its own, ready, over subgraphs that are functions. */
export async function startGateway({ supergraphSdl, senders, jwks = { keys: [] }, environment = {} }: GatewayOptions) {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const source = join(folder, "supergraph.graphql");
  await writeFile(source, supergraphSdl);
  const logger = createLogger({ service: "gateway", level: "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const readiness = createReadiness();
  const metrics = createMetrics({ service: "gateway" });
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
    ...environment,
  });
  const transports = new Map([...senders].map(([name, send]) => [name, transportOf(send)]));
  const gateway = await createGateway({ config, lifecycle, logger, metrics, readiness, transports, jwks });
  const { port } = await gateway.listen();
  while (!(await readiness.report()).ready) await new Promise((resolve) => setImmediate(resolve));
  /** As at the end of the process. */
  const close = () => lifecycle.stop("done");
  return {
    port,
    metrics,
    close,
    async stop(): Promise<void> {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const transportOf = (send: SubgraphTransport["send"]): SubgraphTransport => ({
  path: "/graphql",
  send,
  subscribe: () => {
    throw new Error("no subscriptions here");
  },
  close: async () => {},
});
