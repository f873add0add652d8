import { setMaxListeners } from "node:events";
import type { Logger } from "pino";

/** What a process has opened, and how it closes. */
export type Lifecycle = {
  /** Registers how something closes; stopping runs these in reverse order. After stopping has begun `close` runs at once. */
  onStop(name: string, close: () => void | Promise<void>): void;
  /** Stops everything, once, and resolves when all is closed or the deadline has passed. Never rejects. */
  stop(reason: string): Promise<void>;
  /** Aborted as stopping begins. */
  readonly signal: AbortSignal;
  /** Ends this process in order on SIGTERM and SIGINT (a second one ends it at once) and after an uncaught error, with exit code 1. */
  handleSignals(): void;
};

// After an uncaught error the process is not to be trusted for longer than it takes to end the requests it holds.
const crashStopMs = 2_000;

/** The order in which a process stops, under one deadline of `stopDeadlineMs`. */
export function createLifecycle({ stopDeadlineMs, logger }: { stopDeadlineMs: number; logger: Logger }): Lifecycle {
  const closers: { name: string; close: () => void | Promise<void> }[] = [];
  const aborter = new AbortController();
  setMaxListeners(0, aborter.signal); // every part of a process listens: many listeners are no leak here
  let stopping: Promise<void> | undefined;

  async function closeOne(name: string, close: () => void | Promise<void>, budgetMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const overrun = new Promise<"overrun">((resolve) => {
      timer = setTimeout(() => resolve("overrun"), budgetMs);
    });
    try {
      const outcome = await Promise.race([Promise.resolve().then(close), overrun]);
      if (outcome === "overrun") logger.warn({ name, budgetMs }, "did not stop in time");
    } catch (error) {
      logger.error({ err: error, name }, "failed to stop");
    } finally {
      clearTimeout(timer);
    }
  }

  async function stopAll(reason: string, deadlineMs: number): Promise<void> {
    const endAt = performance.now() + deadlineMs;
    logger.info({ reason }, "stopping");
    aborter.abort(new Error(`stopping: ${reason}`));
    while (closers.length > 0) {
      const { name, close } = closers.pop()!;
      const leftMs = Math.max(0, endAt - performance.now());
      // One that hangs may not eat the time of those after it.
      await closeOne(name, close, closers.length === 0 ? leftMs : leftMs / 2);
    }
    logger.info({ reason }, "stopped");
  }

  function stopWithin(reason: string, deadlineMs: number): Promise<void> {
    stopping ??= stopAll(reason, deadlineMs);
    return stopping;
  }

  return {
    signal: aborter.signal,
    onStop(name, close) {
      if (stopping) stopping = Promise.all([stopping, closeOne(name, close, stopDeadlineMs)]).then(() => undefined);
      else closers.push({ name, close });
    },
    stop: (reason) => stopWithin(reason, stopDeadlineMs),
    handleSignals() {
      for (const name of ["SIGTERM", "SIGINT"] as const) {
        process.on(name, () => {
          if (stopping) process.exit(1);
          void stopWithin(name, stopDeadlineMs).then(() => process.exit(0));
        });
      }
      for (const name of ["uncaughtException", "unhandledRejection"] as const) {
        process.on(name, (error: unknown) => {
          logger.fatal({ err: error }, name);
          if (!stopping) void stopWithin(name, Math.min(crashStopMs, stopDeadlineMs)).then(() => process.exit(1));
          else process.exitCode = 1;
        });
      }
    },
  };
}
