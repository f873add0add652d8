import pg from "pg";

/** Runs one statement with its values. */
export type RunStatement = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/**
 * Opens one connection for some work and closes it: for what happens every few minutes and needs no pool. `work` runs in a
 * transaction, which is rolled back when it throws. @throws when Postgres does not answer in time
 */
export async function inOneTransaction<T>(
  { url, applicationName, statementTimeoutMs }: { url: string; applicationName: string; statementTimeoutMs: number },
  work: (run: RunStatement) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000, // where the server is gone, nobody else ends the wait
    keepAlive: true,
  });
  client.on("error", () => undefined); // the statement under way rejects
  await client.connect();
  try {
    await client.query("begin");
    const result = await work(async (text, values = []) => (await client.query(text, [...values])).rows);
    await client.query("commit");
    return result;
  } finally {
    await client.end(); // rolls back what was not committed
  }
}
