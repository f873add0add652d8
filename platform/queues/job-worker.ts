import { type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";

/** Delays double from `firstDelayMs`; after `attempts` tries the job stays in the failed set. */
export type RetryPolicy = { readonly attempts: number; readonly firstDelayMs: number };

export type WorkerOptions = {
  readonly queue: string;
  /** Jobs worked on at the same time in this process. */
  readonly concurrency: number;
  /** At least once: must be harmless when repeated. The signal is aborted when the job's lock is lost. */
  readonly handle: (job: { readonly id: string; readonly data: unknown }, signal: AbortSignal) => Promise<void>;
  readonly retry: RetryPolicy;
};

export type JobWorker = { close(): Promise<void> };

const maxDelayMs = 3_600_000;
const closeTimeoutMs = 20_000; // D13: BullMQ's own close has none

/** Delay before the next try after `failures` failed ones: doubling, with half of it random so that jobs spread out. */
export const retryDelayMs = (failures: number, firstDelayMs: number, random: () => number = Math.random): number =>
  Math.round(Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1)) * (0.5 + 0.5 * random()));

/** Works off a queue over a connection of the kind `worker` (BullMQ opens a second one for blocking). */
export function startJobWorker(options: WorkerOptions & { connection: Redis; logger: Logger; metrics: Metrics }): JobWorker {
  const { queue, concurrency, handle, retry, connection, logger, metrics } = options;
  const jobs = metrics.counter("queue_jobs_total", "Jobs by how a try ended", ["queue", "outcome"]);

  async function work(job: Job<unknown>, _token: string | undefined, signal = new AbortController().signal): Promise<void> {
    try {
      await handle({ id: job.id ?? "", data: job.data }, signal);
    } catch (error) {
      const last = job.attemptsMade + 1 >= retry.attempts;
      jobs.inc({ queue, outcome: last ? "dead" : "retried" });
      logger[last ? "error" : "warn"]({ err: error, queue, jobId: job.id, attempt: job.attemptsMade + 1 }, "job failed");
      if (!last) throw error;
      throw Object.assign(new UnrecoverableError(error instanceof Error ? error.message : "failed"), { cause: error });
    }
    jobs.inc({ queue, outcome: "completed" });
  }

  const worker = new Worker<unknown, void>(queue, work, {
    connection,
    concurrency,
    lockDuration: 10_000, // D13, F5: a killed worker's job is taken up again within 20 s
    stalledInterval: 5_000,
    maxStalledCount: 3,
    settings: { backoffStrategy: (failures) => retryDelayMs(failures, retry.firstDelayMs) },
  });
  worker.on("error", (error) => logger.debug({ err: error, queue }, "worker connection failed")); // told by the connection
  worker.on("stalled", (jobId) => logger.warn({ queue, jobId }, "job was taken over from a worker that had stopped answering"));
  worker.on("failed", (job, error) => {
    // Also jobs that BullMQ itself gives up, after stalling too often; ours were counted above.
    if (job && error.message.includes("stalled")) jobs.inc({ queue, outcome: "dead" });
  });

  return {
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeTimeoutMs);
      });
      await Promise.race([worker.close(), timeout]);
      clearTimeout(timer);
    },
  };
}
