import { AppError } from "@tributary/platform/errors";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { arrayTypes } from "./array-types.ts";
import type { ReadDatabase } from "./database.ts";
import { createFrequentStatements } from "./frequent-statements.ts";
import { isBackendDeath, unavailable } from "./postgres-errors.ts";
import { postgresTimeouts } from "./postgres-timeouts.ts";

/** Read-only connections to one server. */
export type ReadPool = {
  /** Runs `work`, within the statement's time. @throws AppError UNAVAILABLE when too many wait, TIMEOUT; and the driver's errors */
  read<T>(work: (db: ReadDatabase) => Promise<T>): Promise<T>;
  /** Statements now running or waiting. */
  pending(): number;
  /** Breaks every connection, so that reads held by a dead server fail now; new ones are opened when asked for. */
  reset(): void;
  close(): Promise<void>;
};

// Waiting readers for each connection; beyond this a read could not be answered within its time.
const maxPendingPerConnection = 100;

type ReadPoolOptions = {
  readonly url: string;
  readonly size: number;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  readonly onStatement: () => void;
};

/** A pool of postgres.js: for single statements only (its transactions lose atomicity when a backend dies). */
export function createReadPool(options: ReadPoolOptions): ReadPool {
  let connections = open(options);
  let pending = 0;

  function reset(): void {
    const broken = connections;
    connections = open(options);
    void broken.client.end({ timeout: 0 }).catch(() => undefined); // nothing is left to lose
  }

  return {
    async read(work) {
      if (pending >= options.size * maxPendingPerConnection) throw unavailable(new Error("too many reads are waiting"));
      pending++;
      const used = connections;
      try {
        return await withinTime(work(used.db));
      } catch (error) {
        // postgres.js 3.4.9 keeps the error a dying backend sent, and gives it to the first query after it has connected
        // again (connection.js: `closed` does not clear `errorResponse`). New connections know nothing of it.
        if (used === connections && isBackendDeath(error)) reset();
        throw error;
      } finally {
        pending--;
      }
    },
    pending: () => pending,
    reset,
    close: () => connections.client.end({ timeout: 1 }),
  };
}

function open({ url, size, connectTimeoutMs, applicationName, onStatement }: ReadPoolOptions) {
  const client = postgres(url, {
    max: size,
    connect_timeout: connectTimeoutMs / 1_000,
    // Seconds. The default grows to 20 s: a pool would answer nothing long after its server is back.
    backoff: () => 0.05,
    fetch_types: false, // instead of it: arrayTypes
    types: arrayTypes,
    idle_timeout: 60,
    onnotice: () => undefined,
    connection: {
      application_name: applicationName,
      statement_timeout: postgresTimeouts.readStatementMs,
      default_transaction_read_only: true,
      // Plans for the values at hand: one for all values knows neither the LIMIT nor how large the tenant is.
      plan_cache_mode: "force_custom_plan",
    },
  });
  prepareFrequent(client);
  return { client, db: drizzle(client, { logger: { logQuery: onStatement } }) };
}

/**
 * drizzle asks for unnamed statements, which take postgres.js two round trips (it asks for the parameters' types first). A
 * prepared one takes a single trip and half of the CPU time.
 */
function prepareFrequent(client: postgres.Sql): void {
  const { isFrequent } = createFrequentStatements();
  const send = client.unsafe;
  const sendPrepared: typeof send = (text, parameters, options) =>
    send(text, parameters, { ...options, prepare: isFrequent(text) });
  client.unsafe = sendPrepared;
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const limitMs = postgresTimeouts.readStatementMs + postgresTimeouts.answerSlackMs;
    timer = setTimeout(() => reject(new AppError("TIMEOUT", "The database took too long.")), limitMs);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
