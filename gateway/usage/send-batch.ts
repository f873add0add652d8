import { randomUUID } from "node:crypto";
import type { UsageBatch } from "./usage-batch.ts";
import { other, usageBatchKey, usageKeys, usageRetentionDays } from "./usage-keys.ts";

/** The part of a Redis connection that is used. */
export interface UsageStore {
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
}

/** What one day may hold in Redis, of all gateways together. */
export interface StoredBounds {
  readonly maxCounts: number;
  readonly maxTexts: number;
  readonly maxTextBytes: number;
}

export interface BatchOutcome {
  /** Operations whose text is not there though it was not sent this time: send it again. */
  readonly missing: readonly string[];
  /** Operations there was no place for: they are counted under `other` from now on. */
  readonly refused: readonly string[];
}

/** How long Redis knows a batch. One that was tried longer ago must not be sent again: it could be counted twice. */
export const batchMemoryMs = 3_600_000;

// All of a batch or nothing, once: a reply that is lost is asked for again under the same id.
const script = `
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return {{}, {}} end
local maxCounts, maxTexts, maxTextBytes, seen, other = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]
local missing, refused, isRefused = {}, {}, {}
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[7])
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  local hash, text = ARGV[at], ARGV[at + 1]
  at = at + 2
  if redis.call('HEXISTS', KEYS[3], hash) == 0 then
    local bytes = tonumber(redis.call('HGET', KEYS[3], 'bytes') or '0') + #text
    if redis.call('HLEN', KEYS[3]) <= maxTexts and bytes <= maxTextBytes then
      redis.call('HSET', KEYS[3], hash, text, 'bytes', bytes)
    else
      isRefused[hash] = true
      refused[#refused + 1] = hash
    end
  end
end
local known = {}
while at <= #ARGV do
  local supergraph, hash, who = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if isRefused[hash] then hash = other end
  if hash ~= other and known[hash] == nil then
    known[hash] = redis.call('HEXISTS', KEYS[3], hash) == 1
    if not known[hash] then missing[#missing + 1] = hash end
  end
  local field = supergraph .. '\\t' .. hash .. '\\t' .. who
  local value = redis.call('HGET', KEYS[2], field)
  if not value and redis.call('HLEN', KEYS[2]) > maxCounts then
    field = supergraph .. '\\t' .. other .. '\\t' .. other .. '\\t' .. other
    value = redis.call('HGET', KEYS[2], field)
  end
  local requests, errors, last = string.match(value or '0 0 0', '(%d+) (%d+) (%d+)')
  if tonumber(seen) > tonumber(last) then last = seen end
  redis.call('HSET', KEYS[2], field,
    string.format('%.0f %.0f %s', requests + tonumber(ARGV[at + 3]), errors + tonumber(ARGV[at + 4]), last))
  at = at + 5
end
for index = 2, 3 do redis.call('EXPIRE', KEYS[index], ${usageRetentionDays * 86_400}) end
return {missing, refused}`;

/** Adds a batch to its day in one round trip; to repeat it changes nothing. @throws when Redis did not answer */
export async function sendBatch(store: UsageStore, batch: UsageBatch, bounds: StoredBounds): Promise<BatchOutcome> {
  const { counts: countsKey, texts: textsKey } = usageKeys(batch.day);
  const { maxCounts, maxTexts, maxTextBytes } = bounds;
  const reply = await store.eval(
    script,
    3,
    usageBatchKey(batch.id),
    countsKey,
    textsKey,
    batchMemoryMs,
    maxCounts,
    maxTexts,
    maxTextBytes,
    batch.seenAtSeconds,
    other,
    randomUUID(), // tells this life of the day's counts from a later one, should Redis lose them
    batch.texts.size,
    ...[...batch.texts].flat(),
    ...batch.counts.flatMap(({ supergraph, operation, client, version, requests, errors }) => [
      supergraph,
      operation,
      `${client}\t${version}`,
      requests,
      errors,
    ]),
  );
  const [missing, refused] = reply as [string[], string[]];
  return { missing, refused };
}
