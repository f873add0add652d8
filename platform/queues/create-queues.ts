import type { Lifecycle } from "../lifecycle/index.ts";
import { createRedis, type Redis } from "../redis/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import { createJobQueue, type JobQueue } from "./job-queue.ts";
import { type JobWorker, startJobWorker, type WorkerOptions } from "./job-worker.ts";
import { watchQueueDepth } from "./queue-depth.ts";

export type Queues = {
  /** The producing side; the same object for the same name. */
  queue(name: string): JobQueue;
  /** Starts working off a queue in this process, until the lifecycle stops. */
  startWorker(options: WorkerOptions): JobWorker;
};

/** BullMQ queues and workers of one process, over one connection for all queues and one for all workers (D10). */
export function createQueues(options: { redisUrl: string; logger: Logger; metrics: Metrics; lifecycle: Lifecycle }): Queues {
  const { redisUrl, logger, metrics, lifecycle } = options;
  const queues = new Map<string, JobQueue>();
  let producer: Redis | undefined;
  let consumer: Redis | undefined;
  return {
    queue(name) {
      const known = queues.get(name);
      if (known) return known;
      producer ??= createRedis({ url: redisUrl, kind: "producer", logger, lifecycle });
      const queue = createJobQueue({ name, connection: producer, logger });
      queues.set(name, queue);
      lifecycle.onStop(`queue ${name}`, () => queue.close());
      return queue;
    },
    startWorker(worker) {
      consumer ??= createRedis({ url: redisUrl, kind: "worker", logger, lifecycle });
      watchQueueDepth({ name: worker.queue, connection: consumer, logger, metrics, lifecycle });
      const started = startJobWorker({ ...worker, connection: consumer, logger, metrics });
      lifecycle.onStop(`worker ${worker.queue}`, () => started.close());
      return started;
    },
  };
}
