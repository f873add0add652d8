import type { ReadServer } from "./read-server.ts";

/** Chooses the server for a read that must see everything up to a WAL position. */
export type ReadRouter = {
  readonly primary: ReadServer;
  /** A replica that has replayed `required`, after at most the catch-up time; else the primary. */
  choose(required: bigint): Promise<ReadServer>;
  /** Another server for a read whose connection broke on `failed`: a replica that has `required`, else the primary. */
  chooseAfter(failed: ReadServer, required: bigint): ReadServer;
};

// Replay answers within a fraction of a millisecond on a quiet replica (p50 0.3 ms); asking more often only costs it time.
const catchUpPollMs = 2;

/** A replica whose position is unknown is passed over. Among several that are fresh enough the least busy is taken. */
export function createReadRouter(options: {
  primary: ReadServer;
  replicas: readonly ReadServer[];
  catchUpMs: number;
  isTooFarBehind: (replica: ReadServer) => boolean;
}): ReadRouter {
  const { primary, replicas, catchUpMs, isTooFarBehind } = options;
  const usable = (replica: ReadServer) => replica.isHealthy() && replica.position() !== null && !isTooFarBehind(replica);
  const has = (replica: ReadServer, required: bigint) => usable(replica) && replica.position()! >= required;

  function freshReplica(required: bigint, except?: ReadServer): ReadServer | undefined {
    let best: ReadServer | undefined;
    let ties = 0;
    for (const replica of replicas) {
      if (replica === except || !has(replica, required)) continue;
      const difference = best ? replica.pending() - best.pending() : -1;
      ties = difference < 0 ? 1 : ties + (difference === 0 ? 1 : 0);
      if (difference < 0 || (difference === 0 && Math.random() * ties < 1)) best = replica;
    }
    return best;
  }

  /** Asks one replica until it has `required`, it fails, or the time is over. */
  async function catchesUp(replica: ReadServer, required: bigint, endAt: number): Promise<ReadServer> {
    while (performance.now() < endAt) {
      if ((await replica.positionNow()) >= required && has(replica, required)) return replica;
      await new Promise((resolve) => setTimeout(resolve, catchUpPollMs));
    }
    throw new Error("not caught up");
  }

  async function waitForReplica(required: bigint): Promise<ReadServer | null> {
    const candidates = replicas.filter(usable);
    if (candidates.length === 0) return null;
    const endAt = performance.now() + catchUpMs;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), catchUpMs);
    });
    const first = Promise.any(candidates.map((replica) => catchesUp(replica, required, endAt))).catch(() => null);
    try {
      return await Promise.race([first, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    primary,
    async choose(required) {
      return freshReplica(required) ?? (await waitForReplica(required)) ?? primary;
    },
    chooseAfter: (failed, required) => freshReplica(required, failed) ?? primary,
  };
}
