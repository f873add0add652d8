/** Stops calling a subgraph that keeps failing, and tries it again with one call at a time. */
export interface CircuitBreaker {
  /** False: fail at once. True: make the call and report how it ended. */
  allow(): boolean;
  succeeded(): void;
  failed(): void;
  /** The call ended without telling anything of the subgraph. */
  abandoned(): void;
  readonly state: "closed" | "open" | "probing";
}

/** Opens after `failureThreshold` failures in a row, for `openMs`. */
export function createCircuitBreaker({
  failureThreshold = 10,
  openMs = 1_000,
  now = Date.now,
}: {
  failureThreshold?: number;
  openMs?: number;
  now?: () => number;
} = {}): CircuitBreaker {
  let failures = 0;
  let openUntilMs = 0;
  let probing = false;
  return {
    allow() {
      if (failures < failureThreshold) return true;
      if (probing || now() < openUntilMs) return false;
      probing = true;
      return true;
    },
    succeeded() {
      failures = 0;
      probing = false;
    },
    failed() {
      failures += 1;
      probing = false;
      if (failures >= failureThreshold) openUntilMs = now() + openMs;
    },
    abandoned() {
      probing = false;
    },
    get state() {
      if (failures < failureThreshold) return "closed";
      return probing ? "probing" : "open";
    },
  };
}
