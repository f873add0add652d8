import type { Logger } from "@tributary/platform/telemetry";
import type { ReadDatabase } from "./database.ts";
import { isConnectionLoss } from "./postgres-errors.ts";
import { postgresTimeouts } from "./postgres-timeouts.ts";
import { createReadPool } from "./read-pool.ts";
import { createServerProbe } from "./server-probe.ts";

export type ServerRole = "primary" | "replica";

/** One server that reads can go to, and what is known of it. */
export type ReadServer = {
  readonly name: string;
  readonly role: ServerRole;
  /** False from the first failed check until a check succeeds. */
  isHealthy(): boolean;
  /** The latest known WAL position; null while unknown. Never ahead of the truth. */
  position(): bigint | null;
  /** Changes whenever the server may have restarted, and with that gone back: positions read before mean nothing after. */
  generation(): number;
  /** The position at a time after this call. @throws when the server does not answer within 250 ms */
  positionNow(): Promise<bigint>;
  read<T>(work: (db: ReadDatabase) => Promise<T>): Promise<T>;
  pending(): number;
  /** Asks the server now, and takes it out of or back into the rotation. Never rejects. */
  check(): Promise<void>;
  close(): Promise<void>;
};

export type ReadServerOptions = {
  readonly name: string;
  readonly role: ServerRole;
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  readonly logger: Logger;
  readonly onStatement: () => void;
  readonly onPositionAsked: () => void;
};

/** A server is taken as unhealthy until its first check has succeeded. */
export function createReadServer(options: ReadServerOptions): ReadServer {
  const { name, role, url, poolSize, applicationName, logger, onStatement, onPositionAsked } = options;
  const connectTimeoutMs = role === "replica" ? postgresTimeouts.replicaConnectMs : postgresTimeouts.primaryConnectMs;
  const pool = createReadPool({ url, size: poolSize, connectTimeoutMs, applicationName, onStatement });
  const probe = createServerProbe({ url, applicationName: `${applicationName} probe`, onLost: forget, onAsk: onPositionAsked });
  let healthy = false;
  let position: bigint | null = null;
  let generation = 0;
  let closed = false;

  /** The connection broke: a restarted replica may begin behind where it was. */
  function forget(): void {
    position = null;
    generation++;
    if (!closed) void check();
  }

  async function positionNow(): Promise<bigint> {
    const asked = generation;
    const answer = await probe.positionNow();
    if (asked === generation && (position === null || answer > position)) position = answer;
    return answer;
  }

  function setHealthy(now: boolean, error?: unknown): void {
    if (healthy === now) return;
    healthy = now;
    if (now) logger.info({ server: name }, "database server is in the rotation");
    else logger.warn({ server: name, err: error }, "database server is out of the rotation");
    if (!now) pool.reset();
  }

  async function check(): Promise<void> {
    const startedAt = performance.now();
    try {
      await positionNow().catch((error: unknown) => {
        // A quick end may be of our connection alone: a new one tells. A server that kept silent has had its time.
        if (performance.now() - startedAt > postgresTimeouts.probeMs / 2) throw error;
        return positionNow();
      });
      setHealthy(true);
    } catch (error) {
      if (!closed) setHealthy(false, error);
    }
  }

  return {
    name,
    role,
    isHealthy: () => healthy,
    position: () => position,
    generation: () => generation,
    positionNow,
    async read(work) {
      try {
        return await pool.read(work);
      } catch (error) {
        if (isConnectionLoss(error) && !closed) void check();
        throw error;
      }
    },
    pending: pool.pending,
    check,
    async close() {
      closed = true;
      probe.close();
      await pool.close();
    },
  };
}
