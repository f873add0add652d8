/** The part of an AbortSignal that waiting needs: an AbortSignal is one, and so is a `Cancellation`. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** @throws the reason when aborted. */
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * An AbortController and its signal in one small object. Each client request makes one and each subgraph call listens to
 * it for a while; as an EventTarget that took a tenth of a small request (bench/gateway).
 */
export class Cancellation implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners: (() => void)[] = [];

  /** Calls the listeners, each once. Later calls do nothing. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (let next = this.#listeners.shift(); next; next = this.#listeners.shift()) next(); // one may take others out
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const listeners = this.#listeners;
    const index = listeners.lastIndexOf(listener); // mostly one of the last
    if (index < 0) return;
    const last = listeners.pop();
    if (last !== undefined && index < listeners.length) listeners[index] = last; // the order does not matter
  }
}

/** The same as an AbortSignal, for what takes nothing else (timers, streams). */
export function toAbortSignal(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
