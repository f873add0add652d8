import { Cancellation, type CancelSignal } from "@tributary/platform/cancellation";
import { RequestError } from "../errors.ts";

/** How long a request may take, as a signal for everything that waits on its behalf. */
export type Deadline = {
  /** As Date.now() counts. */
  readonly atMs: number;
  readonly signal: CancelSignal;
  /** Ends the work before its time: nobody waits for it any more. */
  abort(reason: unknown): void;
  /** The request is answered; frees the timer. */
  clear(): void;
};

/** Starts a deadline; the signal's reason is a RequestError 504 TIMEOUT. */
export function startDeadline(timeoutMs: number): Deadline {
  const cancellation = new Cancellation();
  const expire = (): void =>
    cancellation.abort(
      new RequestError({
        status: 504,
        code: "TIMEOUT",
        message: "The request took too long.",
        extensions: { retryable: true },
      }),
    );
  const timer = setTimeout(expire, timeoutMs);
  return {
    atMs: Date.now() + timeoutMs,
    signal: cancellation,
    abort: (reason) => cancellation.abort(reason),
    clear: () => clearTimeout(timer),
  };
}
