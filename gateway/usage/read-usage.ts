import { usageKeys } from "./usage-keys.ts";

/** The part of a Redis connection that is used. */
export interface UsageReader {
  hgetall(key: string): Promise<Record<string, string>>;
}

/** How often one version of one client sent an operation on one day, under one supergraph. */
export interface RecordedUse {
  readonly supergraph: string;
  /** Hash of the signature, or `other`. */
  readonly operation: string;
  readonly client: string;
  readonly version: string;
  readonly requests: number;
  readonly errors: number;
  readonly lastSeenMs: number;
}

export interface RecordedText {
  readonly name: string | null;
  readonly text: string;
}

export interface RecordedDay {
  readonly day: string;
  /** Made anew when Redis lost the day and began to count again. */
  readonly epoch: string;
  readonly uses: readonly RecordedUse[];
  /** Of the operations, by hash. */
  readonly texts: ReadonlyMap<string, RecordedText>;
}

/** What Redis has of one day, undefined for nothing. Cost: two round trips. */
export async function readUsageDay(reader: UsageReader, day: string): Promise<RecordedDay | undefined> {
  const keys = usageKeys(day);
  const { epoch, ...counts } = await reader.hgetall(keys.counts);
  if (epoch === undefined) return undefined;
  const { bytes: _, ...texts } = await reader.hgetall(keys.texts);
  const uses = Object.entries(counts).map(([field, value]): RecordedUse => {
    const [supergraph = "", operation = "", client = "", version = ""] = field.split("\t");
    const [requests = 0, errors = 0, lastSeen = 0] = value.split(" ").map(Number);
    return { supergraph, operation, client, version, requests, errors, lastSeenMs: lastSeen * 1_000 };
  });
  const parsed = Object.entries(texts).map(([hash, json]) => [hash, JSON.parse(json) as RecordedText] as const);
  return { day, epoch, uses, texts: new Map(parsed) };
}
