import {
  choice,
  type Environment,
  environmentName,
  milliseconds,
  optional,
  parseEnvironment,
  port,
  secret,
  text,
  url,
} from "@tributary/platform/config";
import { type DatabaseConfig, databaseVariables, readDatabaseConfig } from "@tributary/platform/postgres";

export type TasksConfig = {
  readonly production: boolean;
  readonly logLevel: string;
  readonly stopDeadlineMs: number;
  readonly http: { readonly host: string; readonly port: number; readonly adminPort: number };
  readonly database: DatabaseConfig;
  readonly redisUrl: string;
  /** The users subgraph, asked where the projection of memberships is behind. */
  readonly usersUrl: string;
  readonly subgraphSecret: string;
  readonly cursorSecret: string;
};

/** Reads the settings of the tasks service and of its worker. @throws ConfigurationError with all faults */
export function loadTasksConfig(env: Environment): TasksConfig {
  const read = parseEnvironment(env, {
    ...databaseVariables(),
    NODE_ENV: environmentName(),
    LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
    PORT: port(4002),
    HOST: optional(text()),
    ADMIN_PORT: port(9002),
    STOP_DEADLINE_MS: milliseconds(30_000), // Kubernetes kills at 40 s
    REDIS_URL: url(),
    USERS_URL: url(),
    SUBGRAPH_SECRET: secret({ minBytes: 32 }),
    CURSOR_SECRET: secret({ minBytes: 32 }),
  });
  const production = read.NODE_ENV === "production";
  return {
    production,
    logLevel: read.LOG_LEVEL,
    stopDeadlineMs: read.STOP_DEADLINE_MS,
    http: { host: read.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"), port: read.PORT, adminPort: read.ADMIN_PORT },
    database: readDatabaseConfig(read),
    redisUrl: read.REDIS_URL,
    usersUrl: read.USERS_URL,
    subgraphSecret: read.SUBGRAPH_SECRET,
    cursorSecret: read.CURSOR_SECRET,
  };
}
