import { createSignedTextCodec } from "@tributary/contracts/cursors";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { createRedis } from "@tributary/platform/redis";
import { type Metrics, type Readiness, startAdminServer } from "@tributary/platform/telemetry";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import type { Logger } from "pino";
import { createAuthenticator } from "./auth/authenticator.ts";
import { followControlStream } from "./auth/control-stream.ts";
import { keepKeysFresh } from "./auth/keep-keys-fresh.ts";
import { localKeySet, remoteKeySet } from "./auth/key-set.ts";
import { redisControlReader } from "./auth/redis-control-reader.ts";
import { createRevocations, revocationLifetimeMs } from "./auth/revocations.ts";
import { createTokenVerifier } from "./auth/token-verifier.ts";
import { refuseUnenforcedDirectives } from "./auth/unenforced-directives.ts";
import type { GatewayConfig } from "./config.ts";
import { createExecutor } from "./engine/index.ts";
import { createHttpServer } from "./http/http-server.ts";
import { landingPage } from "./http/landing-page.ts";
import { defaultOperationLimits, defaultVariableLimits } from "./limits/index.ts";
import { createOverloadGuard } from "./limits/overload-guard.ts";
import { watchEventLoop } from "./limits/watch-event-loop.ts";
import { createLiveServer } from "./live/live-server.ts";
import { createOperations, createPrepareGeneration } from "./operations/index.ts";
import { graphqlPath } from "./pipeline/1-admit.ts";
import { createPipeline } from "./pipeline/index.ts";
import {
  choosePlanner,
  createApolloPlanner,
  createPlanCodec,
  createRedisPlanStore,
  createStoredPlanner,
  nativeModuleFor,
  type Planner,
  readPlannerVersion,
} from "./planner/index.ts";
import { createSubgraphCalls, createTransportDirectory, type SubgraphTransport } from "./subgraph-calls/index.ts";
import { startSupergraphManager } from "./supergraph/index.ts";
import { createRequestTelemetry } from "./telemetry/request-telemetry.ts";
import { createSubgraphTelemetry } from "./telemetry/subgraph-telemetry.ts";
import { createSupergraphTelemetry } from "./telemetry/supergraph-telemetry.ts";
import { startRollUp } from "./usage/start-roll-up.ts";
import { startUsageRecorder } from "./usage/start-usage-recorder.ts";
import type { UsageRecorder } from "./usage/usage-recorder.ts";

export type GatewayOptions = {
  readonly config: GatewayConfig;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Subgraphs in this process, by name; the others are called at their address. */
  readonly transports?: ReadonlyMap<string, SubgraphTransport>;
  /** Keys of access tokens, where their issuer is in this process; otherwise they are fetched. */
  readonly jwks?: JSONWebKeySet;
};

export type Gateway = {
  /** Opens the ports; resolves when requests are taken, ready or not. */
  listen(): Promise<{ readonly port: number; readonly adminPort: number }>;
  /** Resolves when a supergraph is in use. @throws SupergraphRefused when the first one is not what was published */
  loaded(): Promise<void>;
};

const overloadCheckMs = 250;

/**
 * Makes the gateway of its parts. Whatever it needs may be away: it answers 503 and is not ready until that comes.
 * What opens first closes last, so requests end before what they use (D25).
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, lifecycle, logger, metrics, readiness, transports } = options;
  const { http, production } = config;
  const pages = {
    "/supergraph": () => supergraph.status(),
    "/supergraph.graphql": () => supergraph.loaded()?.supergraphSdl,
  };
  const admin = await startAdminServer({ host: http.host, port: http.adminPort, metrics, readiness, lifecycle, logger, pages });

  // Apollo's executor is there to compare with; it is loaded only when asked for, as it brings half of Apollo's gateway.
  const executor =
    config.executor === "apollo" ? (await import("./engine/apollo-executor.ts")).createApolloExecutor() : createExecutor();

  const { used, refused: onRefused } = createSupergraphTelemetry({ metrics });
  const { supergraph, worker } = startSupergraphManager({
    ...config.supergraph,
    offersDefer: config.executor === "graph", // the other executor knows nothing of it
    onRefused,
    logger,
    lifecycle,
  });
  supergraph.onChange(({ id }) => used(id));
  readiness.add("supergraph", () => {
    const { refused } = supergraph.status();
    if (refused && !supergraph.loaded()) throw new Error(refused.code);
    supergraph.current();
  });
  const planner = choosePlanner({
    choice: config.planner,
    general: createApolloPlanner({ worker }),
    onFallback: (error) => logger.debug({ err: error }, "the native planner refused an operation"),
  });
  const operations = createOperations({
    planner: keepPlans(options, planner),
    limits: defaultOperationLimits,
    hideSuggestions: production,
  });
  supergraph.beforeSwap(refuseUnenforcedDirectives);
  supergraph.beforeSwap(createPrepareGeneration({ operations, executor, planner, supergraph, logger }));

  const directory = createTransportDirectory({
    addressOf: (name) => supergraph.loaded()?.subgraphs.get(name),
    ...(transports && { fixed: transports }),
    httpClient: config.httpClient,
  });
  lifecycle.onStop("subgraph connections", () => directory.close());
  supergraph.onChange(({ subgraphs }) => directory.retain(subgraphs));
  const subgraphCalls = createSubgraphCalls({
    transportOf: (name) => directory.transportOf(name),
    secret: config.subgraphSecret,
    isSharing: config.isSharingSubgraphQueries,
    observe: createSubgraphTelemetry({ metrics, logger }),
  });

  const revocations = createRevocations();
  const redis = createRedis({ url: config.redisUrl, kind: "stream-reader", logger, lifecycle });
  const following = followControlStream({
    reader: redisControlReader(redis),
    apply: revocations.apply,
    onError: (message, error) => logger.warn({ err: error }, message),
    signal: lifecycle.signal,
    backlogMs: revocationLifetimeMs,
  });
  following.catch((error: unknown) => logger.error({ err: error }, "the control stream is no longer followed"));
  const { issuer, audience } = config.tokens;
  const verifier = createTokenVerifier({ key: tokenKeys(options), issuer, audience });
  const authenticator = createAuthenticator({ verifier, revocations });

  const eventLoop = watchEventLoop();
  const overload = createOverloadGuard({ maxConcurrent: http.maxConcurrentRequests, loopDelayMs: eventLoop.takeDelayMs });
  const overloadTimer = setInterval(overload.adjust, overloadCheckMs).unref();
  lifecycle.onStop("overload guard", () => {
    clearInterval(overloadTimer);
    eventLoop.stop();
  });

  const usage = recordUsage(options);
  const parts = { ...http, authenticator, usage, executor, subgraphCalls, logger, production };
  const pipeline = createPipeline({
    ...parts,
    currentGeneration: supergraph.current,
    operations,
    consistencyCodec: createSignedTextCodec(config.cursorSecret),
    overload,
    telemetry: createRequestTelemetry({ metrics, logger }),
    introspection: config.introspection,
    shareOperations: config.shareOperations,
    variableLimits: defaultVariableLimits,
  });
  const live = createLiveServer({
    ...parts,
    path: graphqlPath,
    currentGeneration: supergraph.current,
    revocations,
    pipeline,
    overload,
    metrics,
    lifecycle,
  });
  const server = createHttpServer({
    handle: (request) => (config.development && landingPage(request)) || pipeline.run(request),
    compression: http.compression,
    drainDelayMs: config.drainDelayMs,
    stalledMs: 2 * http.requestTimeoutMs, // a connection is silent while its request is worked on
    logger,
  });
  live.attach(server.server);
  lifecycle.onStop("http server", () => server.close());

  return {
    listen: async () => ({ ...(await server.listen(http)), adminPort: admin.port }),
    loaded: async () => void (await supergraph.ready()),
  };
}

/** Plans are kept in Redis, for other processes and for the next start. */
function keepPlans({ config, lifecycle, logger }: GatewayOptions, planner: Planner): Planner {
  return createStoredPlanner({
    planner,
    plannerVersion: readPlannerVersion({ withNative: nativeModuleFor(config.planner) !== undefined }),
    store: createRedisPlanStore(createRedis({ url: config.redisUrl, kind: "cache", logger, lifecycle })),
    codec: createPlanCodec(config.cursorSecret),
    onFault: (error, message) => logger.debug({ err: error }, message),
  });
}

/** Counts which operations clients send, unless it is switched off. */
function recordUsage({ config, ...own }: GatewayOptions): Pick<UsageRecorder, "record"> {
  const { redisUrl, usage } = config;
  if (!usage) return { record: () => {} };
  const { flushMs: flushIntervalMs, databaseUrl, rollUpMs: intervalMs } = usage;
  if (databaseUrl !== undefined) startRollUp({ ...own, redisUrl, databaseUrl, intervalMs });
  return startUsageRecorder({ ...own, redisUrl, flushIntervalMs });
}

/** Where token keys come from; fetched ones are kept fresh, and without them the gateway is not ready. */
function tokenKeys({ config, jwks, lifecycle, logger, readiness }: GatewayOptions): JWTVerifyGetKey {
  if (jwks) return localKeySet(jwks);
  const keySet = remoteKeySet(new URL(config.tokens.jwksUrl));
  readiness.add("token keys", () => {
    if (!keySet.loaded()) throw new Error("not fetched yet");
  });
  const onError = (error: unknown) => logger.warn({ err: error }, "token keys cannot be fetched");
  keepKeysFresh(keySet, { signal: lifecycle.signal, onError }).catch((error: unknown) =>
    logger.error({ err: error }, "token keys are no longer refreshed"),
  );
  return keySet.key;
}
