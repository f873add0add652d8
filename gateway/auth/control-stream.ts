import { setTimeout as sleep } from "node:timers/promises";
import { type EventEnvelope, parseEvent } from "@tributary/contracts/events";

/** Entries of the stream that carries what every gateway must hear of at once. */
export type ControlStreamReader = {
  /** Entries after `afterId`, waiting up to `blockMs` for the first. */
  read(afterId: string, blockMs: number): Promise<readonly ControlEntry[]>;
};
export type ControlEntry = { readonly id: string; readonly fields: readonly string[] };

export type ControlStreamOptions = {
  readonly reader: ControlStreamReader;
  readonly apply: (event: EventEnvelope) => void;
  readonly onError: (message: string, error: unknown) => void;
  readonly signal: AbortSignal;
  /** How much of the past is read at start. */
  readonly backlogMs: number;
  readonly retryDelayMs?: number;
  readonly now?: () => number;
};

const blockMs = 2_000; // the connection gives up on a command after twice as long

/**
 * Follows the control stream until the signal aborts, from `backlogMs` ago. While Redis is away nothing new is known;
 * the stream is taken up again where it was left. Stream ids begin with the milliseconds of their time.
 */
export async function followControlStream(options: ControlStreamOptions): Promise<void> {
  const { reader, apply, onError, signal, backlogMs, retryDelayMs = 1_000, now = Date.now } = options;
  let lastId = `${now() - backlogMs}-0`;
  let failing = false;
  while (!signal.aborted) {
    try {
      for (const { id, fields } of await reader.read(lastId, blockMs)) {
        lastId = id;
        applyEntry(fields, apply, onError);
      }
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) onError("the control stream cannot be read; revocations may be late", error);
      failing = true;
      await sleep(retryDelayMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
    }
  }
}

function applyEntry(
  fields: readonly string[],
  apply: ControlStreamOptions["apply"],
  onError: ControlStreamOptions["onError"],
): void {
  try {
    const at = fields.indexOf("event");
    const event = parseEvent(JSON.parse(fields[at + 1] ?? ""));
    if (event) apply(event);
  } catch (error) {
    onError("an entry of the control stream was skipped", error); // one bad entry must not stop those after it
  }
}
