import {
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

export type NotificationsConfig = {
  readonly production: boolean;
  readonly logLevel: string;
  readonly http: { readonly host: string; readonly port: number; readonly adminPort: number };
  readonly stopDeadlineMs: number;
  readonly database: DatabaseConfig;
  readonly redisUrl: string;
  readonly subgraphSecret: string;
  readonly cursorSecret: string;
  readonly usersUrl: string | undefined;
  readonly mail: { readonly smtpUrl: string; readonly from: string };
  /** Where clients live: mails link to it. Ends in a slash. */
  readonly publicUrl: string;
};

/** @throws ConfigurationError with all faults of the environment */
export function loadNotificationsConfig(env: Environment): NotificationsConfig {
  const read = parseEnvironment(env, {
    ...databaseVariables(),
    NODE_ENV: environmentName(),
    LOG_LEVEL: text("info"),
    HOST: optional(text()),
    PORT: port(4003),
    ADMIN_PORT: port(9003),
    STOP_DEADLINE_MS: milliseconds(25_000), // below Kubernetes' grace period of 45 s (D25)
    REDIS_URL: url(),
    SUBGRAPH_SECRET: secret({ minBytes: 32 }),
    CURSOR_SECRET: secret({ minBytes: 32 }),
    USERS_URL: optional(url()),
    SMTP_URL: url(),
    MAIL_FROM: text("Tributary <no-reply@tributary.example>"),
    PUBLIC_URL: url(),
  });
  const production = read.NODE_ENV === "production";
  return {
    production,
    logLevel: read.LOG_LEVEL,
    http: { host: read.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"), port: read.PORT, adminPort: read.ADMIN_PORT },
    stopDeadlineMs: read.STOP_DEADLINE_MS,
    database: readDatabaseConfig(read),
    redisUrl: read.REDIS_URL,
    subgraphSecret: read.SUBGRAPH_SECRET,
    cursorSecret: read.CURSOR_SECRET,
    usersUrl: read.USERS_URL,
    mail: { smtpUrl: read.SMTP_URL, from: read.MAIL_FROM },
    publicUrl: read.PUBLIC_URL.endsWith("/") ? read.PUBLIC_URL : `${read.PUBLIC_URL}/`,
  };
}
