import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "../telemetry/index.ts";
import { outboxChannel } from "./append-events.ts";

/** The leader's session. Whatever it publishes runs on the connection that holds the lock: without the lock it cannot write. */
export type RelaySession = {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Aborted when the connection, and with it the lock, is lost, and when stopping begins. */
  readonly signal: AbortSignal;
};

// Two numbers that no other use of advisory locks in these databases has; locks are per database.
const lockKeys = [7_239, 1] as const;
const standbyPollMs = 500;
const connectTimeoutMs = 2_000;
const queryTimeoutMs = 10_000;

// The server ends a leader that is paused or gone, so that the lock goes to a living one: the leader asks something at
// least every 250 ms. Keep-alives find a machine that went away without a word, after 5 + 3 * 2 s.
const leaderSettings = `
  set idle_session_timeout = '5s'; set statement_timeout = '10s'; set lock_timeout = '5s';
  set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3`;

async function leadOnce(options: RelayLeadership, client: pg.Client, lost: AbortSignal): Promise<void> {
  const query: RelaySession["query"] = async (text, values = []) => (await client.query({ text, values: [...values] })).rows;
  while (!lost.aborted) {
    const [row] = await query<{ held: boolean }>("select pg_try_advisory_lock($1, $2) as held", lockKeys);
    if (row?.held) break;
    await delay(standbyPollMs, undefined, { signal: lost });
  }
  await client.query(leaderSettings);
  await client.query(`listen ${outboxChannel}`);
  options.logger.info({ database: options.name }, "this process publishes the outbox");
  await options.lead({ query, signal: lost });
}

export type RelayLeadership = {
  readonly name: string;
  readonly url: string;
  readonly logger: Logger;
  /** Ends the leadership, and waiting for it. */
  readonly signal: AbortSignal;
  /** Something was appended to the outbox. */
  readonly onWake: () => void;
  /** What the leader does until its session's signal is aborted. */
  readonly lead: (session: RelaySession) => Promise<void>;
};

/** Waits for the database's relay lock, leads while holding it, and waits again when it was lost; until `signal` is aborted. */
export async function keepRelayLeadership(options: RelayLeadership): Promise<void> {
  const { url, name, logger, signal, onWake } = options;
  for (let failures = 0; !signal.aborted; ) {
    const losing = new AbortController();
    const lose = (): void => losing.abort();
    const client = new pg.Client({
      connectionString: url,
      application_name: `tributary ${name} relay`,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      keepAlive: true,
    });
    client.on("error", lose);
    client.on("end", lose);
    client.on("notification", onWake);
    signal.addEventListener("abort", lose, { once: true });
    try {
      await client.connect();
      failures = 0;
      await leadOnce(options, client, losing.signal);
    } catch (error) {
      failures += 1;
      if (!signal.aborted) logger.warn({ err: error, database: name }, "the relay lost its session");
    }
    signal.removeEventListener("abort", lose);
    await Promise.race([client.end().catch(() => undefined), delay(1_000)]);
    client.connection.stream.destroy(); // a connection that does not answer would keep the lock
    const pauseMs = Math.random() * Math.min(5_000, 100 * 2 ** Math.min(failures, 6));
    if (!signal.aborted) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
