import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { NodePgQueryResultHKT } from "drizzle-orm/node-postgres";
import type { PgTransaction } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";

/** Runs single-statement reads. Its connections are read-only; an own transaction on it would break routing. */
export type ReadDatabase = Omit<PostgresJsDatabase, "transaction">;

/** An open transaction on the primary. Nothing runs on it once its callback has settled. */
export type Transaction = PgTransaction<NodePgQueryResultHKT, Record<string, never>, Record<string, never>>;

/** Whom a transaction acts for: what row-level security compares rows with. Left out means none. */
export type TransactionScope = { readonly userId?: string; readonly workspaceId?: string };

/** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
type RunTransaction = <T>(scope: TransactionScope, work: (tx: Transaction) => Promise<T>) => Promise<T>;

/** One database as one process sees it: a primary, and replicas that reads may go to. */
export type Database = {
  readonly name: string;
  /** For what needs a session of its own on the primary (role app): the outbox relay. */
  readonly primaryUrl: string;
  /** The view of one request: `consistency` is what its client has already seen. */
  session(consistency: ConsistencyToken): DatabaseSession;
  /**
   * For workers, outside of a request.
   * @throws AppError UNAVAILABLE (not committed), TIMEOUT (not committed), OUTCOME_UNKNOWN (COMMIT sent, no answer)
   */
  readonly transaction: RunTransaction;
  /** Calls `onNotify` for each NOTIFY on the channel and after each reconnect. Only a wake-up: poll for the truth. */
  listen(channel: string, onNotify: () => void): void;
};

/** What one request sees of a database. It never sees the database go back in time. */
export type DatabaseSession = {
  /**
   * One read statement, on a replica that has replayed all this client has seen (waits at most 15 ms for one), else on
   * the primary. `work` may run again, on another server or connection, when a connection dies.
   * @throws AppError UNAVAILABLE, TIMEOUT
   */
  read<T>(work: (db: ReadDatabase) => Promise<T>): Promise<T>;
  /** As `Database.transaction`; later reads of this session see what it wrote. */
  readonly transaction: RunTransaction;
  /** How far this session has seen: its commits, and the servers it read from. Asks them, so call it once, at the end. */
  consistency(): Promise<ConsistencyToken>;
};
