import { type JobState as BullState, Queue } from "bullmq";
import { AppError } from "../errors/index.ts";
import type { Redis } from "../redis/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** `id` makes a repeat harmless while the job is kept; it holds no colon and is no integer (D13). `data` is JSON. */
export type QueuedJob = { readonly id: string; readonly data: unknown; readonly delayMs?: number };

/** `missing`: Redis does not know the job, or has forgotten that it was done. `dead`: it failed for good. */
export type JobState = "done" | "pending" | "dead" | "missing";

export type JobQueue = {
  readonly name: string;
  /** Jobs whose id is known already are left as they are. @throws AppError UNAVAILABLE within 1.5 s when Redis is away */
  add(jobs: readonly QueuedJob[]): Promise<void>;
  /** One state for each id, in their order. @throws AppError UNAVAILABLE within 1.5 s when Redis is away */
  states(ids: readonly string[]): Promise<JobState[]>;
  close(): Promise<void>;
};

const redisTimeoutMs = 1_500; // above the producer's command timeout of 1 s: also covers waiting for a connection

/** How each job is kept. The worker decides on retries: it knows what its work can take. */
const jobOptions = {
  attempts: 1_000,
  backoff: { type: "custom" },
  removeOnComplete: { age: 900, count: 20_000 }, // seconds; the reconciler looks within 10 s whether a job is done
  removeOnFail: { age: 30 * 24 * 3_600, count: 10_000 }, // the dead letters, for people to look at
};

const toState = (state: BullState | "unknown"): JobState => {
  if (state === "completed") return "done";
  if (state === "failed") return "dead";
  return state === "unknown" ? "missing" : "pending";
};

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from Redis within ${redisTimeoutMs} ms`)), redisTimeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } catch (cause) {
    throw new AppError("UNAVAILABLE", "The job queue is not available", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The producing side of a BullMQ queue, over a connection of the kind `producer`. */
export function createJobQueue({ name, connection, logger }: { name: string; connection: Redis; logger: Logger }): JobQueue {
  const queue = new Queue(name, { connection, defaultJobOptions: jobOptions });
  queue.on("error", (error) => logger.debug({ err: error, queue: name }, "queue connection failed")); // told by the connection
  return {
    name,
    async add(jobs) {
      if (jobs.length === 0) return;
      const bulk = jobs.map(({ id, data, delayMs }) => ({
        name: "job",
        data,
        opts: { jobId: id, ...(delayMs && { delay: delayMs }) },
      }));
      await within(queue.addBulk(bulk));
    },
    states: async (ids) => (await within(Promise.all(ids.map((id) => queue.getJobState(id))))).map(toState),
    close: () => queue.close(),
  };
}
