import type { EventEnvelope } from "@tributary/contracts/events";
import { isEvent } from "@tributary/contracts/events";

export type Revocations = {
  /** Takes in an event of the control stream; others than revocations are ignored. */
  apply(event: EventEnvelope): void;
  isRevoked(sessionId: string | null): boolean;
  /** Called with each session as it is revoked, for those that hold connections open. Returns how to stop listening. */
  onRevoked(listener: (sessionId: string) => void): () => void;
};

/** An access token lives for 10 minutes; one more covers clocks that differ. */
export const revocationLifetimeMs = 11 * 60_000;
const maxSessions = 100_000; // about 10 MB; the oldest go first

/** Sessions whose tokens are refused although they have not expired. Kept as long as such a token can live. */
export function createRevocations({ now = Date.now }: { readonly now?: () => number } = {}): Revocations {
  const revokedAtMs = new Map<string, number>(); // in the order of revocation: the first is the oldest
  const listeners = new Set<(sessionId: string) => void>();

  const forgetOld = (): void => {
    const oldestMs = now() - revocationLifetimeMs;
    for (const [sessionId, atMs] of revokedAtMs) {
      if (atMs > oldestMs && revokedAtMs.size <= maxSessions) return;
      revokedAtMs.delete(sessionId);
    }
  };

  return {
    apply(event) {
      if (!isEvent(event, "session.revoked", "session.replay_detected")) return;
      for (const sessionId of event.data.sessionIds) {
        revokedAtMs.delete(sessionId);
        revokedAtMs.set(sessionId, now());
        for (const listener of listeners) listener(sessionId);
      }
      forgetOld();
    },
    isRevoked(sessionId) {
      const atMs = sessionId === null ? undefined : revokedAtMs.get(sessionId);
      return atMs !== undefined && atMs > now() - revocationLifetimeMs;
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
