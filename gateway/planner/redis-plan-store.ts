import type { PlanStore } from "./plan-store.ts";

/** The part of a Redis connection that is used; of the kind `cache`, so that a command fails within 50 ms. */
export interface PlanRedis {
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer, unit: "EX", seconds: number): Promise<unknown>;
}

const lifetimeSeconds = 7 * 86_400; // longer than a quiet week end; plans of former supergraphs go by themselves

/** Plans in Redis, under `plan:`. */
export const createRedisPlanStore = (redis: PlanRedis): PlanStore => ({
  read: async (key) => (await redis.getBuffer(`plan:${key}`)) ?? undefined,
  write: async (key, value) => void (await redis.set(`plan:${key}`, value, "EX", lifetimeSeconds)),
});
