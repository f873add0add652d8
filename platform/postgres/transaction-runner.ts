import { parseWalPosition } from "@tributary/contracts/consistency";
import type { Logger } from "@tributary/platform/telemetry";
import { NodePgSession, NodePgTransaction } from "drizzle-orm/node-postgres";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";
import type { Transaction, TransactionScope } from "./database.ts";
import { isRefusedCommit, outcomeUnknown, toDatabaseError, unavailable } from "./postgres-errors.ts";
import { postgresTimeouts } from "./postgres-timeouts.ts";

/** Runs transactions on the primary, with the driver `pg`: a backend that dies inside one makes it reject and leaves no row. */
export type TransactionRunner = {
  /** Resolves with the work's result and the WAL position after its COMMIT. Errors as of `Database.transaction`. */
  run<T>(scope: TransactionScope, work: (tx: Transaction) => Promise<T>): Promise<{ result: T; position: bigint }>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
};

type TransactionRunnerOptions = {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  readonly logger: Logger;
  readonly onStatement: () => void;
  readonly onUnknownOutcome: () => void;
};

export function createTransactionRunner(options: TransactionRunnerOptions): TransactionRunner {
  const { logger, onStatement, onUnknownOutcome } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: postgresTimeouts.primaryConnectMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: postgresTimeouts.transactionStatementMs,
    query_timeout: postgresTimeouts.transactionStatementMs + postgresTimeouts.answerSlackMs,
    lock_timeout: postgresTimeouts.lockMs,
    idle_in_transaction_session_timeout: postgresTimeouts.idleInTransactionMs,
  });
  // An idle connection that breaks leaves the pool by itself; without a listener its error would end the process.
  pool.on("error", (error) => logger.debug({ err: error }, "idle database connection lost"));
  // The pool takes its own listener away while a connection is in use.
  pool.on("connect", (client) => client.on("error", () => undefined));

  async function begin(scope: TransactionScope): Promise<pg.PoolClient> {
    const client = await pool.connect();
    onStatement();
    onStatement();
    try {
      await client.query(within(postgresTimeouts.beginMs, beginSql(scope)));
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A pooled connection may have died unnoticed. Nothing has run yet, so another one may be tried. */
  async function beginOnLiveConnection(scope: TransactionScope): Promise<pg.PoolClient> {
    try {
      return await begin(scope).catch(() => begin(scope));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async function commit(client: pg.PoolClient): Promise<bigint> {
    onStatement();
    const [committed, position] = await sendCommit(client);
    if (committed.command === "COMMIT") return parseWalPosition(position.rows[0]!.position);
    throw new Error("the transaction was rolled back: its work went on after a statement had failed");
  }

  async function sendCommit(client: pg.PoolClient): Promise<[pg.QueryResult, pg.QueryResult<{ position: string }>]> {
    try {
      // Two statements in one message: the second runs after the first has committed, so the position covers it.
      const answer: unknown = await client.query(within(postgresTimeouts.commitMs, commitSql));
      return answer as [pg.QueryResult, pg.QueryResult<{ position: string }>];
    } catch (error) {
      if (isRefusedCommit(error)) throw error;
      onUnknownOutcome();
      throw outcomeUnknown(error);
    }
  }

  return {
    pool,
    async run(scope, work) {
      const client = await beginOnLiveConnection(scope);
      const connection = guard(client);
      let discard = true;
      try {
        const session = new NodePgSession(connection.client, dialect, undefined, { logger: { logQuery: onStatement } });
        const result = await work(new NodePgTransaction(dialect, session, undefined));
        await connection.close();
        if (connection.isLost()) throw unavailable(new Error("the connection was lost before COMMIT"));
        const position = await commit(client);
        discard = false;
        return { result, position };
      } catch (error) {
        await connection.close();
        discard = discard && !(await rollback(client, connection.isLost(), onStatement));
        throw toDatabaseError(error);
      } finally {
        connection.detach();
        client.release(discard);
      }
    },
    close: () => pool.end(),
  };
}

const dialect = new PgDialect();
const commitSql = "commit; select pg_current_wal_insert_lsn()::text as position";

/** One message for both statements. Always sets both, so that no scope can be left from elsewhere. */
const beginSql = ({ userId = "", workspaceId = "" }: TransactionScope): string =>
  `begin; select set_config('app.user_id', ${pg.escapeLiteral(userId)}, true), set_config('app.workspace_id', ${pg.escapeLiteral(workspaceId)}, true)`;

/** A statement that rejects when it has no answer within its time. The driver knows the option, its types do not. */
function within(timeoutMs: number, text: string): pg.QueryConfig {
  const limited = { text, query_timeout: timeoutMs };
  return limited;
}

/** True where the connection is clean again and may go back to the pool. */
async function rollback(client: pg.PoolClient, lost: boolean, onStatement: () => void): Promise<boolean> {
  if (lost) return false;
  onStatement();
  try {
    await client.query(within(postgresTimeouts.beginMs, "rollback"));
    return true;
  } catch {
    return false; // the server rolls back by itself when the connection goes, which releasing it as broken does
  }
}

/**
 * The connection as the work sees it. Statements sent together run one after the other, and none runs once the work has
 * settled: it would land outside of the transaction, or inside of somebody else's.
 */
function guard(client: pg.PoolClient) {
  let open = true;
  let lost = false;
  let tail: Promise<unknown> = Promise.resolve();
  const onLost = () => {
    lost = true;
  };
  client.on("error", onLost);
  client.on("end", onLost);

  function query(config: pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> {
    const run = async () => {
      if (!open) throw new Error("the transaction has ended; a statement was sent after its work had settled");
      return client.query(config, values);
    };
    const answer = tail.then(run);
    tail = answer.catch(() => undefined); // the work hears of it from the answer
    return answer;
  }

  return {
    client: Object.create(client, { query: { value: query } }) as pg.PoolClient,
    isLost: () => lost,
    /** Refuses further statements, and resolves when the one now running has ended. */
    async close() {
      open = false;
      await tail;
    },
    detach() {
      client.off("error", onLost);
      client.off("end", onLost);
    },
  };
}
