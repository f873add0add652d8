export { createQueues, type Queues } from "./create-queues.ts";
export type { JobQueue, JobState, QueuedJob } from "./job-queue.ts";
export { type JobWorker, type RetryPolicy, retryDelayMs, type WorkerOptions } from "./job-worker.ts";
