import type { Metrics } from "@tributary/platform/telemetry";
import { postgresTimeouts } from "./postgres-timeouts.ts";
import type { ReadServer } from "./read-server.ts";
import { createReplicaLag } from "./replica-lag.ts";

// Past this even a reader who has seen nothing yet is better served by the primary.
const maxReplicaLagMs = 10_000;

/** Checks every server twice a second, and shows health and lag as metrics. */
export function startHealthMonitor(options: {
  database: string;
  primary: ReadServer;
  replicas: readonly ReadServer[];
  metrics: Metrics;
  onChecked: () => void;
}): { isTooFarBehind(replica: ReadServer): boolean; stop(): void } {
  const { database, primary, replicas, metrics, onChecked } = options;
  const lag = createReplicaLag();
  const lagMs = new Map<ReadServer, number>();
  const busy = new Set<ReadServer>();
  const healthy = metrics.gauge("db_server_healthy", "1 while reads may go to the server.", ["database", "server"]);
  const lagSeconds = metrics.gauge("db_replica_lag_seconds", "For how long the primary is past what the replica shows.", [
    "database",
    "server",
  ]);
  const lagBytes = metrics.gauge("db_replica_lag_bytes", "WAL the replica has not replayed.", ["database", "server"]);

  async function checkOne(server: ReadServer): Promise<void> {
    if (busy.has(server)) return; // its time limits end it soon
    busy.add(server);
    await server.check();
    busy.delete(server);
    onChecked();
    healthy.set({ database, server: server.name }, server.isHealthy() ? 1 : 0);
    const position = server.position();
    if (position === null) return;
    const nowMs = performance.now();
    if (server === primary) return lag.sample(position, nowMs);
    lagMs.set(server, lag.milliseconds(position, nowMs));
    lagSeconds.set({ database, server: server.name }, lagMs.get(server)! / 1_000);
    lagBytes.set({ database, server: server.name }, lag.bytes(position));
  }

  const checkAll = () => {
    for (const server of [primary, ...replicas]) void checkOne(server);
  };
  const timer = setInterval(checkAll, postgresTimeouts.healthIntervalMs);
  timer.unref();
  checkAll();

  return {
    isTooFarBehind: (replica) => (lagMs.get(replica) ?? 0) > maxReplicaLagMs,
    stop: () => clearInterval(timer),
  };
}
