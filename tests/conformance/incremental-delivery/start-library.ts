import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { loadGatewayConfig } from "@tributary/gateway/config";
import { createGateway } from "@tributary/gateway/gateway";
import { type SubgraphTransport, TransportError, type TransportRequest } from "@tributary/gateway/subgraph-calls/index";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { graphql, parse } from "graphql";
import { librarySchemas, librarySdls } from "./library-subgraphs.ts";

const secret = "incremental-incremental-incremental";
const nowhere = "127.0.0.1:1"; // neither Redis nor keys

/** A call that a subgraph got. */
type LibraryCall = Pick<TransportRequest, "body" | "signal"> & { readonly subgraph: string };

/** A gateway over the library, on a port of its own. Calls whose body matches a hold wait for its release. */
export async function startLibrary(environment: Readonly<Record<string, string>> = {}) {
  const services = [...librarySdls].map(([name, sdl]) => ({
    name,
    url: `http://${name}.invalid/graphql`,
    typeDefs: parse(sdl),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join("\n"));
  const folder = await mkdtemp(join(tmpdir(), "incremental-"));
  const source = join(folder, "supergraph.graphql");
  await writeFile(source, supergraphSdl);

  const calls: LibraryCall[] = [];
  const holds = new Map<RegExp, Promise<void>>();
  const failures = new Set<RegExp>();
  const transport = (subgraph: string): SubgraphTransport => ({
    path: "/graphql",
    async send({ body, signal }) {
      calls.push({ subgraph, body, signal });
      const held = [...holds].filter(([pattern]) => pattern.test(body)).map(([, release]) => release);
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
      await Promise.race([Promise.all(held), aborted.promise]);
      if ([...failures].some((pattern) => pattern.test(body))) throw new TransportError("connection", "refused");
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      const schema = librarySchemas.get(subgraph);
      if (!schema) throw new Error(subgraph);
      return { status: 200, body: JSON.stringify(await graphql({ schema, source: query, variableValues: variables ?? {} })) };
    },
    subscribe: () => {
      throw new Error("no subscriptions here");
    },
    close: async () => {},
  });

  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const jwks = { keys: [{ kty: "OKP", ...publicKey.export({ format: "jwk" }), kid: "k1" }] };
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
  const transports = new Map([...librarySdls.keys()].map((name) => [name, transport(name)]));
  const gateway = await createGateway({ config, lifecycle, logger, metrics, readiness, transports, jwks });
  const { port } = await gateway.listen();
  while (!(await readiness.report()).ready) await new Promise((resolve) => setImmediate(resolve));

  return {
    port,
    calls,
    metrics,
    /** Keeps calls whose body matches until the function it gives is called. */
    hold(pattern: RegExp): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      holds.set(pattern, promise);
      return () => {
        holds.delete(pattern);
        resolve();
      };
    },
    /** Loses calls whose body matches until the function it gives is called. */
    fail(pattern: RegExp): () => void {
      failures.add(pattern);
      return () => void failures.delete(pattern);
    },
    /** An access token. */
    tokenFor(scope: string): string {
      const now = Math.floor(Date.now() / 1_000);
      const claims = { sub: "usr_1", sid: "ses_1", scope, iss: "tributary", aud: "tributary", iat: now, exp: now + 600 };
      const parts = [{ alg: "EdDSA", typ: "at+jwt", kid: "k1" }, claims];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
    },
    /** As at the end of the process. */
    close: () => lifecycle.stop("done"),
    async stop(): Promise<void> {
      await lifecycle.stop("done");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
