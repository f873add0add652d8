import { parseWalPosition } from "@tributary/contracts/consistency";
import pg from "pg";
import { postgresTimeouts } from "./postgres-timeouts.ts";

/** Asks one server how far it is, on a connection of its own, so that a busy pool never looks like a dead server. */
export type ServerProbe = {
  /** The server's WAL position at a time after this call. Calls made together share one question. @throws within 250 ms */
  positionNow(): Promise<bigint>;
  close(): void;
};

// A replica that was promoted answers for what it is now.
const positionSql = `select (case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0')
  else pg_current_wal_insert_lsn() end)::text as position`;

// Requests end many times a millisecond under load; each must ask after its own reads, but they can ask together.
const minGapMs = 2;

/** `onLost` is called when the connection breaks: what was known of the server may no longer hold. */
export function createServerProbe(options: {
  url: string;
  applicationName: string;
  onLost: () => void;
  onAsk: () => void;
}): ServerProbe {
  let client: Promise<pg.Client> | undefined;
  let asking: Promise<bigint> | undefined;
  let next: Promise<bigint> | undefined;
  let lastAskedAt = 0;
  let closed = false;

  function connect(): Promise<pg.Client> {
    const created = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: postgresTimeouts.probeMs,
      keepAlive: true,
    });
    created.on("error", () => drop(created));
    created.on("end", () => drop(created));
    return created.connect().then(() => created);
  }

  let current: pg.Client | undefined;

  function drop(lost: pg.Client): void {
    if (current !== lost) return;
    current = undefined;
    client = undefined;
    if (!closed) options.onLost();
  }

  async function connected(): Promise<pg.Client> {
    client ??= connect();
    try {
      current = await client;
      return current;
    } catch (error) {
      client = undefined;
      throw error;
    }
  }

  async function ask(): Promise<bigint> {
    if (closed) throw new Error("Connection terminated: closed");
    lastAskedAt = performance.now();
    options.onAsk();
    const asked = await connected();
    try {
      const { rows } = await withinProbeTime(asked.query<{ position: string }>(positionSql));
      return parseWalPosition(rows[0]!.position);
    } catch (error) {
      destroy(asked);
      throw error;
    }
  }

  function destroy(broken: pg.Client): void {
    drop(broken);
    // `end` says goodbye first, which a hung server never answers; the socket goes either way.
    void broken.end().catch(() => undefined);
    broken.connection.stream.destroy();
  }

  function start(): Promise<bigint> {
    asking = ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function startLater(previous: Promise<bigint> | undefined): Promise<bigint> {
    await previous?.catch(() => undefined); // its own callers are told
    const waitMs = lastAskedAt + minGapMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    next = undefined;
    return start();
  }

  return {
    positionNow() {
      if (!asking && !next && performance.now() - lastAskedAt >= minGapMs) return start();
      next ??= startLater(asking);
      return next;
    },
    close() {
      closed = true;
      if (current) destroy(current);
    },
  };
}

/** Rejects after the probe's time, but only once answers that lie in the socket were read: a busy event loop is no dead server. */
function withinProbeTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => setImmediate(() => reject(new Error("Query read timeout: probe"))));
    }, postgresTimeouts.probeMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
