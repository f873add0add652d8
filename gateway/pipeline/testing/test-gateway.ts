// The pipeline behind the real HTTP server, over a schema of its own and an executor that runs it in memory.
import { setImmediate } from "node:timers/promises";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { expandScopes } from "@tributary/contracts/scopes";
import { createMetrics } from "@tributary/platform/telemetry";
import { buildSchema, executeSync } from "graphql";
import { pino } from "pino";
import type { Principal } from "../../auth/principal.ts";
import type { ExecutionOutcome, ExecutionRequest } from "../../engine/index.ts";
import { unauthenticated } from "../../errors.ts";
import { createHttpServer } from "../../http/http-server.ts";
import { defaultOperationLimits, defaultVariableLimits } from "../../limits/index.ts";
import { createOverloadGuard } from "../../limits/overload-guard.ts";
import { createOperations } from "../../operations/index.ts";
import type { AuthRules, SupergraphGeneration } from "../../supergraph/index.ts";
import { createRequestTelemetry } from "../../telemetry/request-telemetry.ts";
import type { UsageRecorder } from "../../usage/usage-recorder.ts";
import { createPipeline } from "../index.ts";
import type { RequestContext } from "../request-context.ts";

const schema = buildSchema(`
  type Query { open: String secret: String echo(text: String, count: Int, input: EchoInput): String self: Query big: String }
  input EchoInput { name: String! kind: Kind tags: [String!] }
  enum Kind { ADMIN USER }
  type Mutation { change: String }
  type Subscription { events: String }`);

const security: AuthRules = {
  types: new Map(),
  fields: new Map([["Query.secret", { authenticated: false, scopes: [["tasks:read"]], policies: [] }]]),
};

export const generation: SupergraphGeneration = {
  id: "test",
  sequence: 1,
  supergraphSdl: "",
  apiSchema: schema,
  supergraphSchema: schema,
  subgraphs: new Map(),
  security,
};

export const bigText = "big ".repeat(2_000);
const root = {
  open: "yes",
  secret: "s3cret",
  self: () => root,
  big: bigText,
  change: "changed",
  echo: (given: unknown) => JSON.stringify(given),
};

/** Tokens are `<user>/<scope> <scope>`; anything without a slash is bad. */
const authenticate = (authorization: string | undefined): Principal | null => {
  if (authorization === undefined) return null;
  const [userId = "", granted] = authorization.replace("Bearer ", "").split("/");
  if (granted === undefined) throw unauthenticated("The access token is not valid.");
  const scopes = expandScopes(granted.split(" "));
  const identity = { userId, sessionId: null, scopes: granted.split(" ") };
  return { identity, expiresAtMs: Number.MAX_SAFE_INTEGER, scopes, scopeKey: [...scopes].sort().join(" ") };
};

export type TestGatewayOptions = {
  readonly production?: boolean;
  readonly corsOrigins?: readonly string[];
  readonly trustedProxies?: number;
  readonly requestTimeoutMs?: number;
  readonly maxConcurrent?: number;
  readonly drainDelayMs?: number;
  readonly execute?: (request: ExecutionRequest, context: RequestContext) => Promise<ExecutionOutcome>;
};

/** Starts one on an ephemeral port; `executed` are the requests that came as far as the executor, `recorded` what usage counted. */
export async function startTestGateway(options: TestGatewayOptions = {}) {
  const {
    production = true,
    corsOrigins = [],
    trustedProxies = 0,
    requestTimeoutMs = 5_000,
    maxConcurrent = 100,
    drainDelayMs = 0,
  } = options;
  const executed: { request: ExecutionRequest; context: RequestContext }[] = [];
  const recorded: Parameters<UsageRecorder["record"]>[] = [];
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics({ service: "test" });
  let context: RequestContext | undefined;
  const pipeline = createPipeline({
    currentGeneration: () => generation,
    authenticator: { authenticate },
    operations: createOperations({
      planner: { plan: async () => ({ kind: "QueryPlan" }) },
      limits: defaultOperationLimits,
      hideSuggestions: production,
    }),
    subgraphCalls: {
      forRequest(given) {
        context = given as RequestContext;
        return async () => ({ data: {} });
      },
    },
    executor: {
      async execute(request) {
        executed.push({ request, context: context! });
        if (options.execute) return options.execute(request, context!);
        const { record, variables } = request;
        const definitions = [record.operation, ...record.fragments.values()];
        const document = { kind: "Document", definitions } as Parameters<typeof executeSync>[0]["document"];
        const result = executeSync({ schema, document, rootValue: root, variableValues: variables });
        return { body: JSON.stringify(result), errorCount: result.errors?.length ?? 0 };
      },
    },
    consistencyCodec: createSignedTextCodec("a secret of thirty-two bytes or more"),
    overload: createOverloadGuard({ maxConcurrent, loopDelayMs: () => 0 }),
    telemetry: createRequestTelemetry({ metrics, logger }),
    usage: { record: (...use) => void recorded.push(use) },
    logger,
    production,
    introspection: !production,
    shareOperations: false, // tests count executions
    corsOrigins,
    maxBodyBytes: 256 * 1024,
    variableLimits: defaultVariableLimits,
    requestTimeoutMs,
    trustedProxies,
  });
  const server = createHttpServer({ handle: pipeline.run, compression: true, drainDelayMs, logger });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    port,
    executed,
    recorded,
    lines,
    metrics,
    /** Resolves when the server has seen that all its clients have gone. */
    async untilLeft(): Promise<void> {
      const { server: http } = server;
      const count = () => new Promise<number>((resolve) => http.getConnections((_, open) => resolve(open)));
      while ((await count()) > 0) await setImmediate();
      await setImmediate(); // a socket counts no more before its `close` is told
    },
    close: () => server.close(),
    stop: async () => {
      server.server.closeAllConnections();
      await server.close();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;
