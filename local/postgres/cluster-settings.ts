export interface ClusterSettings {
  readonly port: number;
  readonly socketFolder: string;
  /** Where a standby finds its primary. */
  readonly primaryPort: number;
  readonly slot: string;
  /** False only for throw-away clusters: kill -9 of the server loses nothing, a crash of the machine would. */
  readonly fsync: boolean;
}

/** The whole postgresql.conf of a local cluster, primary and standby alike (a standby may be promoted by hand). */
export function clusterSettings({ port, socketFolder, primaryPort, slot, fsync }: ClusterSettings): string {
  const settings: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: "0700",
    max_connections: 200, // all services in one process, or ten processes, each with its pools
    shared_buffers: "128MB",
    jit: "off", // short statements: compiling costs more than it saves
    io_method: "sync", // six worker processes less on a small machine
    timezone: "UTC",
    log_timezone: "UTC",
    password_encryption: "scram-sha-256",

    synchronous_commit: "on", // an acknowledged write is on disk
    fsync: fsync ? "on" : "off",
    full_page_writes: fsync ? "on" : "off",
    wal_level: "replica",
    max_wal_senders: 10,
    max_replication_slots: 10,
    wal_keep_size: "64MB",
    max_slot_wal_keep_size: "2GB", // a standby further behind is copied anew
    max_wal_size: "1GB",
    checkpoint_timeout: "15min",

    hot_standby: "on",
    hot_standby_feedback: "on", // vacuum on the primary must not cancel reads on the replica
    max_standby_streaming_delay: "5s",
    primary_conninfo: `host=${socketFolder} port=${primaryPort} user=postgres application_name=replica`,
    primary_slot_name: slot,
    wal_retrieve_retry_interval: "200ms", // after a restart of the primary the replica is back at once
    wal_receiver_status_interval: "1s",
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === "number" ? value : `'${value.replaceAll("'", "''")}'`}`)
    .join("\n")}\n`;
}
