import { once } from "node:events";
import type { Redis } from "@tributary/platform/redis";
import type { ControlEntry, ControlStreamReader } from "./control-stream.ts";

const streamKey = "control";
const maxEntries = 500; // of one answer; the rest comes with the next

/** Reads the control stream over a connection that does nothing else, as it blocks. */
export function redisControlReader(redis: Redis): ControlStreamReader {
  return {
    async read(afterId, blockMs) {
      if (redis.status !== "ready") await once(redis, "ready", { signal: AbortSignal.timeout(blockMs) });
      const answer = await redis.xread("COUNT", maxEntries, "BLOCK", blockMs, "STREAMS", streamKey, afterId);
      return (answer ?? []).flatMap(([, entries]) => entries.map(([id, fields]): ControlEntry => ({ id, fields })));
    },
  };
}
