import type { JobQueue, JobState } from "../queues/index.ts";
import type { Redis } from "../redis/index.ts";

/** An event owed to somebody: its id and its envelope's JSON. */
export type OwedEvent = { readonly id: string; readonly json: string; readonly publishedAt: Date };

/** Where events are delivered to, and how one learns whether they have been worked off. */
export type DeliveryTarget = {
  /** Harmless when repeated. @throws when Redis is away */
  deliver(events: readonly OwedEvent[]): Promise<void>;
  /** One state for each event. @throws when Redis is away */
  states(events: readonly OwedEvent[]): Promise<JobState[]>;
};

/** A BullMQ queue; the job's id is the event's and the queue's, so that a repeat finds the job that is there. */
export const queueTarget = (queue: JobQueue): DeliveryTarget => {
  const jobId = (event: OwedEvent): string => `${event.id}-${queue.name}`;
  return {
    deliver: (events) => queue.add(events.map((event) => ({ id: jobId(event), data: JSON.parse(event.json) }))),
    states: (events) => queue.states(events.map(jobId)),
  };
};

/** The stream that gateways read, for what cuts access: its readers keep what they saw as long as an access token lives. */
export const controlQueue = "control";
const controlMaxLength = 10_000;
const controlKeepMs = 15 * 60_000; // longer than an access token lives (10 min): older ones change nothing any more

/**
 * The Redis stream `control`: entries with the field `event`. A mark beside each entry tells whether Redis still has it, so
 * that the entries are written again when it was lost.
 */
export const controlTarget = (redis: Redis): DeliveryTarget => {
  const mark = (event: OwedEvent): string => `control:${event.id}`;
  return {
    async deliver(events) {
      const writes = redis.multi();
      for (const event of events) {
        writes.xadd(controlQueue, "MAXLEN", "~", controlMaxLength, "*", "event", event.json);
        writes.set(mark(event), "1", "PX", controlKeepMs);
      }
      for (const [error] of (await writes.exec()) ?? []) if (error) throw error;
    },
    async states(events) {
      if (events.length === 0) return [];
      const marks = await redis.mget(events.map(mark));
      return events.map((event, index) => {
        if (Date.now() - event.publishedAt.getTime() > controlKeepMs) return "done";
        return marks[index] === null ? "missing" : "pending";
      });
    },
  };
};
