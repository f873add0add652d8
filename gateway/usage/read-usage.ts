import { usageHourKey, usageTextsKey } from "./usage-keys.ts";

/** The part of a Redis connection that is used. */
export interface UsageReader {
  hgetall(key: string): Promise<Record<string, string>>;
  hget(key: string, field: string): Promise<string | null>;
}

export interface RecordedUse {
  readonly hash: string;
  readonly client: string;
  readonly version: string;
  readonly hour: string;
  readonly count: number;
}

/** What was recorded in the given hours. Cost: one round trip for each hour. */
export async function readUsageHours(reader: UsageReader, hours: readonly string[]): Promise<RecordedUse[]> {
  const uses: RecordedUse[] = [];
  for (const hour of hours) {
    for (const [field, count] of Object.entries(await reader.hgetall(usageHourKey(hour)))) {
      const [hash = "", client = "unknown", version = "unknown"] = field.split(" ");
      uses.push({ hash, client, version, hour, count: Number(count) });
    }
  }
  return uses;
}

/** The name and text of a recorded operation; undefined when it was lost. */
export async function readUsageText(
  reader: UsageReader,
  hash: string,
): Promise<{ name: string | null; text: string } | undefined> {
  const found = await reader.hget(usageTextsKey, hash);
  return found === null ? undefined : (JSON.parse(found) as { name: string | null; text: string });
}
