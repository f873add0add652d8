import {
  choice,
  environmentName,
  milliseconds,
  optional,
  type ParsedEnvironment,
  port,
  secret,
  text,
  url,
} from "@tributary/platform/config";
import { type DatabaseConfig, databaseVariables, readDatabaseConfig } from "@tributary/platform/postgres";

/** What every subgraph and its worker are told by the environment. */
export type SubgraphConfig = {
  readonly production: boolean;
  readonly logLevel: string;
  readonly stopDeadlineMs: number;
  readonly http: { readonly host: string; readonly port: number; readonly adminPort: number };
  readonly database: DatabaseConfig;
  readonly redisUrl: string;
  readonly subgraphSecret: string;
  /** Seals what clients hold for us, such as cursors. */
  readonly cursorSecret: string;
};

/** The variables of a subgraph, to be spread into its own: `parseEnvironment(env, { ...subgraphVariables(ports), SMTP_URL: url() })`. */
export const subgraphVariables = (defaults: { readonly port: number; readonly adminPort: number }) => ({
  ...databaseVariables(),
  NODE_ENV: environmentName(),
  LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
  HOST: optional(text()),
  PORT: port(defaults.port),
  ADMIN_PORT: port(defaults.adminPort),
  STOP_DEADLINE_MS: milliseconds(30_000), // Kubernetes kills at 40 s
  REDIS_URL: url(),
  SUBGRAPH_SECRET: secret({ minBytes: 32 }),
  CURSOR_SECRET: secret({ minBytes: 32 }),
});

/** Names the parsed variables. */
export function readSubgraphConfig(read: ParsedEnvironment<ReturnType<typeof subgraphVariables>>): SubgraphConfig {
  const production = read.NODE_ENV === "production";
  return {
    production,
    logLevel: read.LOG_LEVEL,
    stopDeadlineMs: read.STOP_DEADLINE_MS,
    http: { host: read.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"), port: read.PORT, adminPort: read.ADMIN_PORT },
    database: readDatabaseConfig(read),
    redisUrl: read.REDIS_URL,
    subgraphSecret: read.SUBGRAPH_SECRET,
    cursorSecret: read.CURSOR_SECRET,
  };
}
