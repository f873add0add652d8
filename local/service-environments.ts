import { join } from "node:path";
import type { DatabaseUrls } from "./data-stack.ts";
import type { DatabaseName } from "./postgres/template-cluster.ts";
import type { StackSecrets } from "./secrets.ts";

export const repositoryFolder = join(import.meta.dirname, "..");

/** Where Node keeps stripped and compiled code between starts. */
export const compileCacheFolder = join(repositoryFolder, ".data", "cache", "compile");

/** Given to `node --import` for everything that uses drizzle-orm; says why itself. */
export const quickImports = import.meta.resolve("@tributary/platform/quick-imports");

/** The roles a process can have; each names its entry point. The image and Kubernetes start the same files. */
export const serviceEntries = {
  users: "subgraphs/users/main.ts",
  tasks: "subgraphs/tasks/main.ts",
  notifications: "subgraphs/notifications/main.ts",
  "users-worker": "subgraphs/users/worker.ts",
  "tasks-worker": "subgraphs/tasks/worker.ts",
  "notifications-worker": "subgraphs/notifications/worker.ts",
  gateway: "gateway/main.ts",
} as const;
export type ServiceName = keyof typeof serviceEntries;
export const serviceNames = Object.keys(serviceEntries) as ServiceName[];

export interface ServicePorts {
  readonly port: number;
  readonly adminPort: number;
}

/** What services get to know of a database. */
export type ServiceDatabaseUrls = Omit<DatabaseUrls, "superuserUrl">;

export interface StackAddresses {
  readonly databaseUrls: (name: DatabaseName) => ServiceDatabaseUrls;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly ports: Readonly<Record<ServiceName, ServicePorts>>;
}

export interface ServiceEnvironmentOptions {
  readonly addresses: StackAddresses;
  readonly secrets: StackSecrets;
  readonly environmentName: "development" | "test" | "production";
  readonly logLevel: string;
}

/** The environment variables of every service of a local stack: the same names as in production. */
export function serviceEnvironments(options: ServiceEnvironmentOptions): Record<ServiceName, Record<string, string>> {
  const { addresses, secrets, environmentName, logLevel } = options;
  const { ports } = addresses;
  const publicUrl = `http://localhost:${ports.gateway.port}`;
  const subgraphUrl = (name: "users" | "tasks" | "notifications") => `http://127.0.0.1:${ports[name].port}/graphql`;

  const common = (name: ServiceName) => ({
    NODE_ENV: environmentName,
    LOG_LEVEL: logLevel,
    HOST: "127.0.0.1",
    PORT: String(ports[name].port),
    ADMIN_PORT: String(ports[name].adminPort),
    REDIS_URL: addresses.redisUrl,
    SUBGRAPH_SECRET: secrets.subgraphSecret,
    CURSOR_SECRET: secrets.cursorSecret,
  });
  const token = { TOKEN_ISSUER: "tributary", TOKEN_AUDIENCE: "tributary" };
  const users = { ...token, TOKEN_PRIVATE_JWK: secrets.tokenPrivateJwk, PUBLIC_URL: publicUrl };
  const tasks = { USERS_URL: subgraphUrl("users") };
  const notifications = {
    USERS_URL: subgraphUrl("users"),
    SMTP_URL: addresses.smtpUrl,
    MAIL_FROM: "Tributary <noreply@tributary.example>",
    PUBLIC_URL: publicUrl,
  };
  const subgraph = (name: ServiceName, database: DatabaseName, own: Record<string, string>) => ({
    ...common(name),
    ...databaseEnvironment(addresses.databaseUrls(database)),
    ...own,
  });

  return {
    users: subgraph("users", "users", users),
    "users-worker": subgraph("users-worker", "users", users),
    tasks: subgraph("tasks", "tasks", tasks),
    "tasks-worker": subgraph("tasks-worker", "tasks", tasks),
    notifications: subgraph("notifications", "notifications", notifications),
    "notifications-worker": subgraph("notifications-worker", "notifications", notifications),
    gateway: {
      ...common("gateway"),
      ...token,
      SUPERGRAPH_CACHE: join(repositoryFolder, ".data", "cache", "supergraph"), // by the hash of the schemas
      SUPERGRAPH: join(repositoryFolder, "supergraph.yaml"),
      USAGE_DATABASE_URL: addresses.databaseUrls("gateway").primaryUrl,
      JWKS_URL: new URL("/.well-known/jwks.json", subgraphUrl("users")).href,
      SUBGRAPH_USERS_URL: subgraphUrl("users"),
      SUBGRAPH_TASKS_URL: subgraphUrl("tasks"),
      SUBGRAPH_NOTIFICATIONS_URL: subgraphUrl("notifications"),
    },
  };
}

/** The addresses of one database, as its service's settings name them. */
export function databaseEnvironment(urls: ServiceDatabaseUrls): Record<string, string> {
  return {
    DATABASE_URL: urls.primaryUrl,
    DATABASE_READ_URL: urls.readPrimaryUrl,
    DATABASE_REPLICA_URLS: urls.replicaUrls.join(","),
    DATABASE_OWNER_URL: urls.ownerUrl,
  };
}
