import { mergeDays } from "@tributary/gateway/usage/merge-days";
import { type RecordedDay, readUsageDay } from "@tributary/gateway/usage/read-usage";
import { dayOf, other } from "@tributary/gateway/usage/usage-keys";
import { Redis } from "ioredis";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { mergeUsage, type UsageEvidence } from "./usage-evidence.ts";

const connectTimeoutMs = 3_000;

/** What gateways recorded in the last days, from Redis. @throws CouldNotRun (exit 4) when Redis does not answer */
export async function readRecordedDays(url: string, days: readonly string[]): Promise<RecordedDay[]> {
  requireAddress("Redis", url);
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
    const recorded: RecordedDay[] = [];
    for (const day of days) {
      const found = await readUsageDay(redis, day);
      if (found) recorded.push(found);
    }
    return recorded;
  } catch (cause) {
    throw storeUnreachable("Redis", url, cause);
  } finally {
    redis.disconnect();
  }
}

/** What was rolled up in Postgres since a day. @throws CouldNotRun (exit 4) when Postgres does not answer */
export async function readRolledUpDays(databaseUrl: string, firstDay: string): Promise<RecordedDay[]> {
  requireAddress("Postgres", databaseUrl);
  const { readUsageHistory } = await import("@tributary/gateway/usage/usage-history");
  try {
    return await readUsageHistory({ databaseUrl }, firstDay);
  } catch (cause) {
    throw storeUnreachable("Postgres", databaseUrl, cause);
  }
}

/** The last days, the present one among them, oldest first. */
export const lastDays = (count: number, nowMs: number): string[] =>
  Array.from({ length: count }, (_, index) => dayOf(nowMs - (count - 1 - index) * 86_400_000));

/** Recorded days as evidence, from the first day something was recorded on. Requests whose operation is not known are counted apart: a check must know that there are some. */
export function toEvidence(days: readonly RecordedDay[], to: string): UsageEvidence {
  const recorded = mergeDays(days);
  const texts = new Map(recorded.flatMap((day) => [...day.texts]));
  const firstDay = recorded.map(({ day }) => day).sort()[0];
  const from = firstDay === undefined ? to : `${firstDay}T00:00:00.000Z`;
  let unattributed = 0;
  const operations: UsageEvidence["operations"] = [];
  for (const { operation, client, version, requests, errors, lastSeenMs } of recorded.flatMap(({ uses }) => uses)) {
    const text = texts.get(operation);
    if (operation === other || !text) {
      unattributed += requests;
      continue;
    }
    const lastSeen = new Date(lastSeenMs).toISOString();
    operations.push({ hash: operation, ...text, clients: [{ name: client, version, count: requests, errors, lastSeen }] });
  }
  return mergeUsage([{ format: "tributary-usage/1", from, to, unattributed, operations }]);
}

function requireAddress(store: string, url: string): void {
  if (!URL.canParse(url)) throw new CouldNotRun(`the address of ${store} is no URL`); // not shown: it may hold a password
}

/** Names the host alone: the address holds a password. */
const storeUnreachable = (store: string, url: string, cause: unknown): CouldNotRun =>
  new CouldNotRun(
    `USAGE_STORE_UNREACHABLE: ${store} at ${new URL(url).host} does not answer (${cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause)})`,
    { exitCode: exitCodes.noEvidence, cause },
  );
