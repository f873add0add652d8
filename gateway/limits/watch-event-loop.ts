import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 20;

/** Measures the event loop: the median delay since the last call, in milliseconds. `stop` ends it. */
export function watchEventLoop(): { readonly takeDelayMs: () => number; readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    takeDelayMs() {
      const delayMs = histogram.percentile(50) / 1e6 - resolutionMs; // a timer of `resolutionMs` is what is measured
      histogram.reset();
      return Math.max(0, delayMs);
    },
    stop: () => void histogram.disable(),
  };
}
