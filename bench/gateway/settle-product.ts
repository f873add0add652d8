import { setTimeout as delay } from "node:timers/promises";
import type { TestStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createRedis } from "@tributary/platform/redis";
import { createLogger } from "@tributary/platform/telemetry";

const workers = ["users-worker", "tasks-worker", "notifications-worker"] as const;
const pollMs = 300; // longer than the relay sleeps between looks at the outbox
const quietPolls = 3;
const maxWaitMs = 60_000;

export type Settling = {
  /** Waits until the workers have nothing left of what was written, so that it costs the next contender nothing. */
  settle(): Promise<void>;
  stop(): Promise<void>;
};

/** Quiet is: no job waits or runs, and the relays have published nothing more, several looks in a row. */
export function createSettling({ redisUrl, adminUrls }: Pick<TestStack, "redisUrl" | "adminUrls">): Settling {
  const logger = createLogger({ service: "bench", level: "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 2_000, logger });
  const redis = createRedis({ url: redisUrl, kind: "worker", logger, lifecycle });

  async function jobs(): Promise<number> {
    const lists = [...(await redis.keys("bull:*:wait")), ...(await redis.keys("bull:*:active"))];
    const lengths = await Promise.all(lists.map((list) => redis.llen(list)));
    return lengths.reduce((sum, length) => sum + length, 0);
  }

  async function published(): Promise<number> {
    const pages = await Promise.all(
      workers.map(async (name) => {
        const response = await fetch(new URL("/metrics", adminUrls[name]), { signal: AbortSignal.timeout(5_000) });
        return response.text();
      }),
    );
    const samples = pages.join("\n").matchAll(/^outbox_published_total\{[^}]*\} (\d+)/gm);
    return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  return {
    async settle() {
      const deadlineMs = performance.now() + maxWaitMs;
      let before = -1;
      for (let quiet = 0; quiet < quietPolls; ) {
        if (performance.now() > deadlineMs) throw new Error(`the workers are not done after ${maxWaitMs / 1_000} s`);
        const [waiting, now] = await Promise.all([jobs(), published()]);
        quiet = waiting === 0 && now === before ? quiet + 1 : 0;
        before = now;
        await delay(pollMs);
      }
    },
    stop: () => lifecycle.stop("measured"),
  };
}
