import { setTimeout as sleep } from "node:timers/promises";
import type { RemoteKeySet } from "./key-set.ts";

const refreshMs = 10 * 60_000; // a removed key is refused after this, and after the cache of verified tokens
const retryMs = 1_000; // while nothing is known no token can be verified

/** Fetches the keys now, then from time to time, until the signal aborts. */
export async function keepKeysFresh(
  keySet: Pick<RemoteKeySet, "refresh" | "loaded">,
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    try {
      await keySet.refresh();
      failing = false;
    } catch (error) {
      if (!failing) onError(error);
      failing = true;
    }
    const pauseMs = keySet.loaded() ? refreshMs : retryMs;
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
  }
}
