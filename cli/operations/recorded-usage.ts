import { readUsageHours, readUsageText } from "@tributary/gateway/usage/read-usage";
import { hourOf } from "@tributary/gateway/usage/usage-keys";
import { Redis } from "ioredis";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { mergeUsage, type UsageEvidence } from "./usage-evidence.ts";

const connectTimeoutMs = 3_000;

/** What gateways recorded in the last days, from Redis. @throws CouldNotRun (exit 4) when Redis does not answer */
export async function readRecordedUsage(url: string, days: number): Promise<UsageEvidence> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  });
  redis.on("error", () => {}); // the rejected command tells
  try {
    await redis.connect();
    const now = Date.now();
    const hours = Array.from({ length: Math.ceil(days * 24) }, (_, index) => hourOf(now - index * 3_600_000)).reverse();
    const uses = await readUsageHours(redis, hours);
    const operations: UsageEvidence["operations"] = [];
    for (const { hash, client, version, hour, count } of uses) {
      const text = await readUsageText(redis, hash);
      if (text) operations.push({ hash, ...text, clients: [{ name: client, version, count, lastSeen: `${hour}:00:00.000Z` }] });
    }
    const window = { format: "tributary-usage/1", from: `${hours[0]}:00:00.000Z`, to: new Date(now).toISOString() } as const;
    return mergeUsage([{ ...window, operations }]);
  } catch (cause) {
    throw new CouldNotRun(`usage export: Redis does not answer (${cause instanceof Error ? cause.message : String(cause)})`, {
      exitCode: exitCodes.noEvidence,
      cause,
    });
  } finally {
    redis.disconnect();
  }
}
