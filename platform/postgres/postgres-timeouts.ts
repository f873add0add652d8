/** Limits of every wait for Postgres, in milliseconds. */
export const postgresTimeouts = {
  /** A replica that takes longer to accept a connection is as good as down. */
  replicaConnectMs: 250,
  /** Mutations must fail within 2 s of the primary's death (P14): this plus `beginMs` once more is the longest way there. */
  primaryConnectMs: 900,
  beginMs: 900,
  readStatementMs: 2_000,
  transactionStatementMs: 5_000,
  lockMs: 1_000,
  idleInTransactionMs: 10_000,
  /** What the client waits beyond the server's own limit, for an answer on its way. */
  answerSlackMs: 1_000,
  /** COMMIT can wait for a synchronous replica; past this its outcome is unknown to us. */
  commitMs: 5_000,
  /** A health or position check. With the interval below a dead server leaves the rotation within 750 ms (P13: 1 s). */
  probeMs: 250,
  healthIntervalMs: 500,
  /** How long a read waits for a replica to catch up before it goes to the primary (P5). */
  catchUpMs: 15,
} as const;
