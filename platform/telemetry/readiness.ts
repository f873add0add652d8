export type ReadinessReport = { readonly ready: boolean; readonly checks: Record<string, string> };

/** Whether this process can serve: every check passes and it is not draining. */
export type Readiness = {
  /** `check` throws or rejects while its part cannot serve. */
  add(name: string, check: () => void | Promise<void>): void;
  /** From now on never ready: the first step of stopping, so that no new request is sent here. */
  drain(): void;
  report(): Promise<ReadinessReport>;
};

const checkTimeoutMs = 1_000; // Kubernetes' default for a probe

/** Readiness of a process; without checks it is ready. */
export function createReadiness(): Readiness {
  const checks = new Map<string, () => void | Promise<void>>();
  let draining = false;
  return {
    add(name, check) {
      checks.set(name, check);
    },
    drain() {
      draining = true;
    },
    async report() {
      const results = await Promise.all([...checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const));
      const report: Record<string, string> = Object.fromEntries(results);
      if (draining) report.process = "draining";
      return { ready: Object.values(report).every((outcome) => outcome === "ok"), checks: report };
    },
  };
}

async function outcomeOf(check: () => void | Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("no answer"), checkTimeoutMs);
  });
  try {
    return await Promise.race([
      Promise.resolve()
        .then(check)
        .then(() => "ok"),
      timeout,
    ]);
  } catch (error) {
    return error instanceof Error ? error.message : "failed";
  } finally {
    clearTimeout(timer);
  }
}
