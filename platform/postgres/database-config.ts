import { integer, list, optional, type Reader, url } from "@tributary/platform/config";

/** The servers of one database and how many connections this process may hold to them. */
export type DatabaseConfig = {
  /** Role app on the primary: transactions. */
  readonly primaryUrl: string;
  /** Role reader on the primary: reads no replica can answer. */
  readonly readPrimaryUrl: string;
  /** Role reader, one for each replica; may be empty. */
  readonly replicaUrls: readonly string[];
  readonly ownerUrl?: string | undefined;
  /** Connections for transactions. */
  readonly transactionPoolSize: number;
  /** Connections for reads, to each server. */
  readonly readPoolSize: number;
};

export type DatabaseEnvironment = {
  readonly DATABASE_URL: string;
  readonly DATABASE_READ_URL: string;
  readonly DATABASE_REPLICA_URLS?: readonly string[] | undefined;
  readonly DATABASE_OWNER_URL?: string | undefined;
  readonly DATABASE_POOL_SIZE?: number | undefined;
  readonly DATABASE_READ_POOL_SIZE?: number | undefined;
};

/** The variables of a database, to be spread into a service's own: `parseEnvironment(env, { ...databaseVariables(), PORT: port() })`. */
export const databaseVariables = () => ({
  DATABASE_URL: url(),
  DATABASE_READ_URL: url(),
  DATABASE_REPLICA_URLS: list([]) satisfies Reader<readonly string[]>,
  DATABASE_OWNER_URL: optional(url()),
  DATABASE_POOL_SIZE: integer({ default: 10, min: 1, max: 200 }),
  DATABASE_READ_POOL_SIZE: integer({ default: 10, min: 1, max: 200 }),
});

/** Names the parsed variables. */
export const readDatabaseConfig = (read: DatabaseEnvironment): DatabaseConfig => ({
  primaryUrl: read.DATABASE_URL,
  readPrimaryUrl: read.DATABASE_READ_URL,
  replicaUrls: read.DATABASE_REPLICA_URLS ?? [],
  ownerUrl: read.DATABASE_OWNER_URL,
  transactionPoolSize: read.DATABASE_POOL_SIZE ?? 10,
  readPoolSize: read.DATABASE_READ_POOL_SIZE ?? 10,
});
