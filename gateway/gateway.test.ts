import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { composeServices } from "@apollo/composition";
import { decodeIdentity, identityHeader, signatureHeader } from "@tributary/contracts/identity";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createSignatureVerifier } from "@tributary/platform/request-signature";
import { createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { buildSchema, graphqlSync, parse } from "graphql";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { pino } from "pino";
import { loadGatewayConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { ask, send } from "./pipeline/testing/send.ts";
import type { SubgraphTransport, TransportRequest } from "./subgraph-calls/index.ts";
import { parseHead } from "./subgraph-calls/transport.ts";

const secret = "s".repeat(32);
const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@requiresScopes", "@policy"])
  type Query { open: String secret: String @requiresScopes(scopes: [["tasks:read"]]) }`;
const schema = buildSchema("type Query { open: String secret: String }");

const folder = await mkdtemp(join(tmpdir(), "gateway-test-"));
after(() => rm(folder, { recursive: true }));
const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1" }] };

const tokenFor = (scope: string): Promise<string> =>
  new SignJWT({ sid: "ses_1", scope })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "k1" })
    .setSubject("usr_1")
    .setIssuer("tributary")
    .setAudience("tributary")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);

const environment = {
  NODE_ENV: "production",
  HOST: "127.0.0.1",
  PORT: "0",
  ADMIN_PORT: "0",
  DRAIN_DELAY_MS: "0",
  SUPERGRAPH_WATCH_MS: "0",
  JWKS_URL: "http://127.0.0.1:1/",
  TOKEN_ISSUER: "tributary",
  TOKEN_AUDIENCE: "tributary",
  REDIS_URL: "redis://127.0.0.1:1",
  SUBGRAPH_SECRET: secret,
  CURSOR_SECRET: secret,
};

/** A gateway over one subgraph in this process; Redis is away. `calls` are the requests the subgraph got. */
async function startGateway(name: string, sdl: string, variables: Record<string, string> = {}) {
  const { supergraphSdl } = composeServices([{ name: "things", typeDefs: parse(sdl), url: "http://127.0.0.1:1/graphql" }]);
  const source = join(folder, `${name}.graphql`);
  await writeFile(source, supergraphSdl ?? "");
  const calls: TransportRequest[] = [];
  const things: SubgraphTransport = {
    path: "/graphql",
    async send(request) {
      calls.push(request);
      const { query } = JSON.parse(request.body);
      const rootValue = { open: "yes", secret: "s3cret" };
      const result = { ...graphqlSync({ schema, source: query, rootValue }), extensions: { consistency: "things=0/A" } };
      return { status: 200, body: JSON.stringify(result) };
    },
    subscribe: () => assert.fail("no subscriptions here"),
    close: async () => {},
  };
  const config = loadGatewayConfig({ ...environment, SUPERGRAPH: source, ...variables });
  const lines: string[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const common = { lifecycle, logger, metrics: createMetrics({ service: "gateway" }), readiness: createReadiness() };
  const gateway = await createGateway({ config, ...common, transports: new Map([["things", things]]), jwks });
  const { port, adminPort } = await gateway.listen();
  return { port, adminPort, calls, lines, lifecycle };
}

async function untilTrue(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

const isReady = async (adminPort: number): Promise<boolean> =>
  (await send(adminPort, { method: "GET", path: "/health/ready" })).status === 200;

test("a gateway starts with everything else away, becomes ready with its supergraph, answers, and ends cleanly", async (t) => {
  const { port, adminPort, calls, lines, lifecycle } = await startGateway("good", typeDefs);
  t.after(() => lifecycle.stop("test"));
  await untilTrue(() => isReady(adminPort));

  const authorization = `Bearer ${await tokenFor("tasks:read")}`;
  const both = { query: "{ open secret }" };
  const answer = await ask(port, both, { authorization });
  assert.deepEqual(answer.json, { data: { open: "yes", secret: "s3cret" } });
  assert.match(String(answer.headers["x-consistency"]), /\./, "the position the subgraph read at, sealed");

  const { head, body } = calls[0]!;
  const headers = parseHead(head);
  assert.deepEqual(decodeIdentity(headers[identityHeader] ?? ""), {
    userId: "usr_1",
    sessionId: "ses_1",
    scopes: ["tasks:read"],
  });
  assert.ok(headers[signatureHeader]);
  createSignatureVerifier({ secret, toleranceMs: 30_000 }).verify({ method: "POST", path: "/graphql", body, headers });

  calls.length = 0;
  const anonymous = await ask(port, both);
  assert.deepEqual(anonymous.json.data, { open: "yes", secret: null });
  assert.equal(anonymous.json.errors[0].extensions.code, "UNAUTHENTICATED");
  assert.doesNotMatch(calls[0]?.body ?? "", /secret/);
  calls.length = 0;
  assert.equal((await ask(port, { query: "{ secret }" })).json.data.secret, null);
  assert.equal(calls.length, 0);

  const metrics = await send(adminPort, { method: "GET", path: "/metrics" });
  const timed = metrics.text.split("\n").find((line) => /^http_client_request_duration_seconds_count\{.*"things"/.test(line));
  assert.match(timed ?? "", /outcome="ok".*\} 2$/);
  await lifecycle.stop("test");
  assert.doesNotMatch(lines.join(""), /did not stop in time|failed to stop|will be slower/);
  await assert.rejects(ask(port, both), /ECONNREFUSED/);
});

test("before the supergraph is loaded the answer is 503, not ready", async (t) => {
  const { port, adminPort, lines, lifecycle } = await startGateway(
    "policy",
    typeDefs.replace("secret: String", 'secret: String @policy(policies: [["p"]])'),
  );
  t.after(() => lifecycle.stop("test"));
  const answer = await ask(port, { query: "{ open }" });
  assert.equal(answer.status, 503);
  assert.equal(answer.json.errors[0].extensions.code, "UNAVAILABLE");
  assert.equal(answer.headers["retry-after"], "1");
  await untilTrue(() => lines.some((line) => line.includes("@policy on Query.secret")));
  assert.equal(await isReady(adminPort), false, "a supergraph nobody enforces is not taken");
  assert.equal((await ask(port, { query: "{ open }" })).status, 503);
});

test("a new supergraph takes over under load without losing a request, with the operations in use prepared", async (t) => {
  const { port, adminPort, lines, lifecycle } = await startGateway("swapped", typeDefs, { SUPERGRAPH_WATCH_MS: "20" });
  t.after(() => lifecycle.stop("test"));
  await untilTrue(() => isReady(adminPort));
  const isSwapped = (): boolean => lines.some((line) => line.includes('"sequence":2'));
  let answeredAfter = 0;
  const client = async (query: string): Promise<void> => {
    while (answeredAfter < 40) {
      const wasSwapped = isSwapped();
      const { status, json } = await ask(port, { query });
      assert.equal(status, 200);
      assert.equal(json.data.open, "yes");
      if (wasSwapped) answeredAfter += 1;
    }
  };
  const queries = ["{ open }", "{ open t: __typename }", "{ ... { open } }", "query Q { open }"];
  for (const query of queries) await ask(port, { query });
  const clients = queries.map(client);
  const next = [{ name: "things", typeDefs: parse(`${typeDefs} type Added { id: ID! }`), url: "http://127.0.0.1:1/graphql" }];
  const draft = join(folder, "swapped.draft");
  await writeFile(draft, composeServices(next).supergraphSdl ?? "");
  await rename(draft, join(folder, "swapped.graphql"));
  await Promise.all(clients);
  const prepared = lines.find((line) => line.includes("operations in use are ready"));
  assert.match(prepared ?? "", /"warmed":4,"skipped":0/);
});

test("at / there is a page in development and nothing in production", async (t) => {
  const development = await startGateway("development", typeDefs, { NODE_ENV: "development" });
  t.after(() => development.lifecycle.stop("test"));
  const page = await send(development.port, { method: "GET", path: "/" });
  assert.equal(page.status, 200);
  assert.match(page.text, /curl/);
  assert.doesNotMatch(page.text, /https:\/\//, "nothing is loaded from elsewhere");
});

test("the process ends with the code when what was published is not what arrived", async () => {
  const published = join(folder, "published");
  await mkdir(published);
  const { supergraphSdl = "" } = composeServices([{ name: "things", typeDefs: parse(typeDefs), url: "http://127.0.0.1:1/" }]);
  const manifest = { format: "tributary-supergraph/1", file: "supergraph.graphql", sha256: "0".repeat(64), subgraphs: [] };
  await writeFile(join(published, "supergraph.graphql"), supergraphSdl);
  await writeFile(
    join(published, "supergraph.manifest.json"),
    JSON.stringify({ ...manifest, federationVersion: "2", gitCommit: null, reportId: null }),
  );
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { ...environment, NODE_ENV: "test", SUPERGRAPH: published },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(exitCode, 1);
  const fatal = output.split("\n").find((line) => line.includes('"level":"fatal"') || line.includes('"level":60'));
  assert.match(fatal ?? output, /SUPERGRAPH_HASH_MISMATCH: supergraph\.graphql: its SHA-256 is [0-9a-f]{64}/);
});
