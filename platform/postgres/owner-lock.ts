import pg from "pg";

// Any fixed number: the same for every change of a database's shape, so that these never meet.
const shapeLock = 4_270_018_431;
const lockTimeout = "60s"; // longer than any migration that is fit for a live system

/** Runs `work` as the database's owner, alone among all processes that change its shape. @throws when the lock is not free in time */
export async function withOwnerLock<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: "tributary owner",
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on("error", () => undefined); // the statement under way rejects
  await client.connect();
  try {
    await client.query(`set lock_timeout = '${lockTimeout}'; select pg_advisory_lock(${shapeLock})`);
    return await work(client);
  } finally {
    await client.end(); // gives the lock back
  }
}
