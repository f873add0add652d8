import { setTimeout as delay } from "node:timers/promises";
import type { SubgraphReply } from "../engine/index.ts";
import { unavailable } from "../errors.ts";

export type ResumeOptions = {
  /** Opens the upstream after a cursor; undefined is the client's own start. Throws when the stream is lost. */
  readonly open: (lastCursor: string | undefined) => AsyncIterable<SubgraphReply>;
  readonly cursorOf: (reply: SubgraphReply) => string | undefined;
  readonly resumable: boolean;
  readonly signal: AbortSignal;
  readonly onLost: (error: unknown, attempt: number) => void;
  readonly backOff?: BackOff;
};

export type BackOff = { readonly firstMs: number; readonly maxMs: number; readonly giveUpAfterMs: number };

// A subgraph restarts within seconds; a client is told after a minute, and comes back with its own cursor.
const defaultBackOff: BackOff = { firstMs: 100, maxMs: 5_000, giveUpAfterMs: 60_000 };

/**
 * Frames of one upstream over any number of connections: a lost one is opened again after the last cursor, so that the
 * client notices nothing. @throws RequestError UNAVAILABLE where it stays lost, or was never resumable
 */
export async function* resumeUpstream(options: ResumeOptions): AsyncGenerator<SubgraphReply, void, undefined> {
  const { open, cursorOf, resumable, signal, onLost, backOff = defaultBackOff } = options;
  let lastCursor: string | undefined;
  let attempt = 0;
  let lostSinceMs = 0;
  while (!signal.aborted) {
    try {
      for await (const reply of open(lastCursor)) {
        attempt = 0;
        lastCursor = cursorOf(reply) ?? lastCursor;
        yield reply;
      }
      return; // the subgraph ended it
    } catch (error) {
      if (signal.aborted) return;
      if (attempt === 0) lostSinceMs = performance.now();
      attempt += 1;
      onLost(error, attempt);
      if (!resumable || performance.now() - lostSinceMs > backOff.giveUpAfterMs) {
        throw unavailable("The source of this subscription is not available.", backOff.maxMs, error);
      }
    }
    const ceilingMs = Math.min(backOff.maxMs, backOff.firstMs * 2 ** (attempt - 1));
    await delay(Math.random() * ceilingMs, undefined, { signal }).catch(() => undefined); // full jitter; an abort ends the loop above
  }
}
