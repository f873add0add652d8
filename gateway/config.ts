import {
  bytes,
  choice,
  type Environment,
  environmentName,
  flag,
  integer,
  list,
  milliseconds,
  optional,
  parseEnvironment,
  port,
  type Reader,
  secret,
  text,
  url,
} from "@tributary/platform/config";
import { readPublicKey, subgraphUrlFrom } from "./supergraph/index.ts";

export type GatewayConfig = {
  readonly production: boolean;
  readonly development: boolean;
  readonly logLevel: string;
  readonly stopDeadlineMs: number;
  /** How long requests are still taken after readiness is off. */
  readonly drainDelayMs: number;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly adminPort: number;
    readonly corsOrigins: readonly string[];
    readonly maxBodyBytes: number;
    readonly compression: boolean;
    readonly trustedProxies: number;
    readonly requestTimeoutMs: number;
    readonly maxConcurrentRequests: number;
  };
  readonly supergraph: {
    readonly source: string;
    readonly publicKey: string | undefined;
    readonly cacheFolder: string | undefined;
    readonly watchIntervalMs: number | undefined;
    readonly subgraphUrl: (name: string) => string | undefined;
  };
  readonly tokens: { readonly jwksUrl: string; readonly issuer: string; readonly audience: string };
  readonly introspection: boolean;
  readonly executor: "graph" | "apollo";
  readonly planner: "auto" | "apollo";
  readonly redisUrl: string;
  /** Undefined: nothing is recorded. */
  readonly usage: { readonly flushMs: number; readonly databaseUrl: string | undefined; readonly rollUpMs: number } | undefined;
  readonly shareOperations: boolean;
  readonly isSharingSubgraphQueries: boolean;
  readonly httpClient: "own" | "undici";
  readonly subgraphSecret: string;
  readonly cursorSecret: string;
};

/** Reads the gateway's settings. @throws ConfigurationError with all faults */
export function loadGatewayConfig(env: Environment): GatewayConfig {
  const production = env.NODE_ENV === "production";
  const read = parseEnvironment(env, {
    NODE_ENV: environmentName(),
    LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
    HOST: text(production ? "0.0.0.0" : "127.0.0.1"),
    PORT: port(4000),
    ADMIN_PORT: port(9000),
    STOP_DEADLINE_MS: milliseconds(30_000), // Kubernetes kills at 40 s
    DRAIN_DELAY_MS: milliseconds(production ? 5_000 : 0), // balancers learn of a pod's end beside us, not before
    CORS_ORIGINS: list([]),
    MAX_BODY_BYTES: bytes(256 * 1024),
    RESPONSE_COMPRESSION: flag(true),
    TRUSTED_PROXIES: integer({ default: 0, min: 0, max: 10 }),
    REQUEST_TIMEOUT_MS: milliseconds(15_000), // a mutation may take 10 s in its subgraph
    MAX_CONCURRENT_REQUESTS: integer({ default: 2_000, min: 1 }),
    INTROSPECTION: flag(!production),
    SHARE_OPERATIONS: flag(true), // identical queries of the same caller are executed once, while that is under way
    SHARE_SUBGRAPH_QUERIES: flag(true), // identical ones of the same caller, while they are on their way
    GATEWAY_HTTP_CLIENT: choice(["own", "undici"], "own"), // to http: subgraphs; https: is undici's in any case
    GATEWAY_EXECUTOR: choice(["graph", "apollo"], "graph"),
    GATEWAY_PLANNER: choice(["auto", "apollo"], "auto"), // Apollo's executor needs Apollo's plans
    SUPERGRAPH: text(),
    SUPERGRAPH_PUBLIC_KEY: optional(ed25519PublicKey), // manifests must be signed with its other half
    SUPERGRAPH_CACHE: optional(text()),
    SUPERGRAPH_WATCH_MS: milliseconds(production ? 10_000 : 1_000), // 0: it is read once
    JWKS_URL: url(),
    TOKEN_ISSUER: text(),
    TOKEN_AUDIENCE: text(),
    REDIS_URL: url(),
    RECORD_USAGE: flag(true), // which operations which clients send; never values
    USAGE_FLUSH_MS: integer({ default: 5_000, min: 10, max: 3_600_000 }), // to Redis, which keeps it for 40 days
    USAGE_DATABASE_URL: optional(url()), // a Postgres migrated by gateway/migrate.ts, which keeps it for 400
    USAGE_ROLL_UP_MS: integer({ default: 600_000, min: 10, max: 86_400_000 }),
    SUBGRAPH_SECRET: secret({ minBytes: 32 }),
    CURSOR_SECRET: secret({ minBytes: 32 }),
  });
  return {
    production,
    development: read.NODE_ENV === "development",
    logLevel: read.LOG_LEVEL,
    stopDeadlineMs: read.STOP_DEADLINE_MS,
    drainDelayMs: read.DRAIN_DELAY_MS,
    http: {
      host: read.HOST,
      port: read.PORT,
      adminPort: read.ADMIN_PORT,
      corsOrigins: read.CORS_ORIGINS,
      maxBodyBytes: read.MAX_BODY_BYTES,
      compression: read.RESPONSE_COMPRESSION,
      trustedProxies: read.TRUSTED_PROXIES,
      requestTimeoutMs: read.REQUEST_TIMEOUT_MS,
      maxConcurrentRequests: read.MAX_CONCURRENT_REQUESTS,
    },
    supergraph: {
      source: read.SUPERGRAPH,
      publicKey: read.SUPERGRAPH_PUBLIC_KEY,
      cacheFolder: read.SUPERGRAPH_CACHE,
      watchIntervalMs: read.SUPERGRAPH_WATCH_MS || undefined,
      subgraphUrl: subgraphUrlFrom(env),
    },
    tokens: { jwksUrl: read.JWKS_URL, issuer: read.TOKEN_ISSUER, audience: read.TOKEN_AUDIENCE },
    introspection: read.INTROSPECTION,
    shareOperations: read.SHARE_OPERATIONS,
    isSharingSubgraphQueries: read.SHARE_SUBGRAPH_QUERIES,
    httpClient: read.GATEWAY_HTTP_CLIENT,
    executor: read.GATEWAY_EXECUTOR,
    planner: read.GATEWAY_EXECUTOR === "apollo" ? "apollo" : read.GATEWAY_PLANNER,
    redisUrl: read.REDIS_URL,
    usage: read.RECORD_USAGE
      ? { flushMs: read.USAGE_FLUSH_MS, databaseUrl: read.USAGE_DATABASE_URL, rollUpMs: read.USAGE_ROLL_UP_MS }
      : undefined,
    subgraphSecret: read.SUBGRAPH_SECRET,
    cursorSecret: read.CURSOR_SECRET,
  };
}

const ed25519PublicKey: Reader<string> = {
  parse(value) {
    try {
      readPublicKey(value);
      return { value };
    } catch {
      return { fault: "must be an Ed25519 public key, as PEM or base64 of its DER" };
    }
  },
  unset: () => ({ fault: "is required" }),
};
