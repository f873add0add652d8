import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { DatabaseSession } from "./database.ts";
import { isConnectionLoss, isRecoveryConflict, toDatabaseError } from "./postgres-errors.ts";
import type { ReadRouter } from "./read-router.ts";
import type { ReadServer } from "./read-server.ts";
import type { TransactionRunner } from "./transaction-runner.ts";

type SessionOptions = {
  readonly name: string;
  readonly router: ReadRouter;
  readonly runner: Pick<TransactionRunner, "run">;
  readonly consistency: ConsistencyToken;
  readonly onRead: (server: ReadServer) => void;
};

// A kill of all backends, or a restart, breaks a read more than once: on each server, and when the pool is renewed.
const maxAttempts = 5;
const retryWithinMs = 2_000;
const sameServerPauseMs = 60; // longer than a pool waits before it connects again

const mayHelpElsewhere = (error: unknown): boolean => isConnectionLoss(error) || isRecoveryConflict(error);

/**
 * One request's view of a database. It stays on one server, as two replicas are hardly ever level; when it must leave,
 * it goes to the primary, which is behind nobody.
 */
export function createDatabaseSession({ name, router, runner, consistency, onRead }: SessionOptions): DatabaseSession {
  let required = consistency.get(name) ?? 0n;
  let committed = 0n;
  let commitIsUnknown = false;
  let chosen: Promise<{ server: ReadServer; generation: number }> | undefined;
  const readFrom = new Map<ReadServer, number>();

  async function choose(): Promise<{ server: ReadServer; generation: number }> {
    const onPrimary = commitIsUnknown || readFrom.has(router.primary);
    const server = onPrimary ? router.primary : await router.choose(required);
    return { server, generation: server.generation() };
  }

  async function currentServer(): Promise<{ server: ReadServer; generation: number }> {
    chosen ??= choose();
    const current = await chosen;
    const { server, generation } = current;
    if (server === router.primary || (server.isHealthy() && server.generation() === generation)) return current;
    return readFrom.size > 0 ? stayOn(router.primary) : stayOn(await router.choose(required));
  }

  function stayOn(server: ReadServer) {
    const current = { server, generation: server.generation() };
    chosen = Promise.resolve(current);
    return current;
  }

  async function readOn<T>(at: { server: ReadServer; generation: number }, work: (server: ReadServer) => Promise<T>): Promise<T> {
    const result = await work(at.server);
    onRead(at.server);
    readFrom.set(at.server, at.generation);
    return result;
  }

  /** Nobody's position is behind the primary's, so it stands in for a server that can no longer be asked. */
  async function positionSeen([server, generation]: [ReadServer, number]): Promise<bigint> {
    const last = server.position() ?? 0n;
    try {
      const position = await server.positionNow();
      if (server.generation() === generation) return position;
    } catch {
      // asked of the primary below
    }
    return router.primary.positionNow().catch(() => last);
  }

  return {
    async read(work) {
      let at = await currentServer();
      const startedAt = performance.now();
      for (let attempt = 1; ; attempt++) {
        try {
          return await readOn(at, (server) => server.read(work));
        } catch (error) {
          const spent = attempt === maxAttempts || performance.now() - startedAt > retryWithinMs;
          if (spent || !mayHelpElsewhere(error)) throw toDatabaseError(error);
          const bound = readFrom.size > 0 || commitIsUnknown;
          const failed = at.server;
          at = stayOn(bound ? router.primary : router.chooseAfter(failed, required));
          // The same server again: its other connections may have died with this one, and be noticed a moment later.
          if (at.server === failed) await new Promise((resolve) => setTimeout(resolve, sameServerPauseMs));
        }
      }
    },
    async transaction(scope, work) {
      try {
        const { result, position } = await runner.run(scope, work);
        if (position > committed) committed = position;
        if (position > required) required = position;
        chosen = undefined;
        return result;
      } catch (error) {
        commitIsUnknown ||= isUnknownOutcome(error);
        if (commitIsUnknown) chosen = undefined;
        throw error;
      }
    },
    async consistency() {
      let position = committed;
      for (const seen of await Promise.all([...readFrom].map(positionSeen))) if (seen > position) position = seen;
      return position === 0n ? new Map() : new Map([[name, position]]);
    },
  };
}

const isUnknownOutcome = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "OUTCOME_UNKNOWN";
