export type WakeUp = {
  wake(): void;
  /** Resolves after the next `wake` (or one since the last wait), after `timeoutMs`, or when the signal is aborted. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
};

/** A bell for one waiting loop: rings that nobody waited for are remembered, as one. */
export function createWakeUp(): WakeUp {
  let rung = false;
  let finish: (() => void) | undefined;
  return {
    wake() {
      rung = true;
      finish?.();
    },
    wait(timeoutMs, signal) {
      return new Promise((resolve) => {
        const timer = setTimeout(done, timeoutMs);
        signal.addEventListener("abort", done, { once: true });
        finish = done;
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          finish = undefined;
          rung = false;
          resolve();
        }
        if (rung || signal.aborted) done();
      });
    },
  };
}
