import { inOneTransaction, type RunStatement } from "@tributary/platform/postgres";
import type { RecordedDay, RecordedText, RecordedUse, UsageReader } from "./read-usage.ts";
import { readUsageDay } from "./read-usage.ts";
import { dayOf, usageRetentionDays } from "./usage-keys.ts";

export interface UsageHistoryOptions {
  /** A Postgres with the tables of `migrations/`. */
  readonly databaseUrl: string;
}

const dayMs = 86_400_000;
const historyDays = 400; // a year, and some weeks to compare it with the one before
const rollUpLock = 4_270_018_432;
const maxRows = 5_000; // of one statement
const statementTimeoutMs = 30_000;

/**
 * Writes what Redis has of the newest days to Postgres, all of it in one transaction. A row is what Redis counted, not what
 * is new, and never goes down: to repeat it, or to die before the answer came, changes nothing. Only one process at a time
 * works; false for the others.
 */
export async function rollUpUsage(reader: UsageReader, { databaseUrl }: UsageHistoryOptions, nowMs: number): Promise<boolean> {
  return inOneTransaction({ url: databaseUrl, applicationName: "tributary usage", statementTimeoutMs }, async (run) => {
    const [lock] = await run<{ free: boolean }>("select pg_try_advisory_xact_lock($1) as free", [rollUpLock]);
    if (!lock?.free) return false;
    for (const day of await openDays(run, nowMs)) {
      const recorded = await readUsageDay(reader, day);
      if (recorded) await writeDay(run, recorded);
    }
    const oldest = dayOf(nowMs - historyDays * dayMs);
    await run("delete from usage_daily where day < $1", [oldest]);
    await run("delete from usage_operation where last_day < $1", [oldest]);
    return true;
  });
}

/** From the newest day that was rolled up, as more may have been counted on it, to today. */
async function openDays(run: RunStatement, nowMs: number): Promise<string[]> {
  const [newest] = await run<{ day: string | null }>("select max(day)::text as day from usage_daily where day <= $1", [
    dayOf(nowMs), // one whose clock is ahead must not stop the others
  ]);
  const oldestMs = nowMs - (usageRetentionDays - 1) * dayMs;
  const fromMs = newest?.day ? Math.max(Date.parse(newest.day) - dayMs, oldestMs) : oldestMs;
  const days: string[] = [];
  for (let at = fromMs; dayOf(at) <= dayOf(nowMs); at += dayMs) days.push(dayOf(at));
  return days;
}

async function writeDay(run: RunStatement, { day, epoch, uses, texts }: RecordedDay): Promise<void> {
  const rows = uses.map(({ lastSeenMs, ...use }) => ({
    ...use,
    operation_name: texts.get(use.operation)?.name ?? null,
    last_seen: new Date(lastSeenMs).toISOString(),
  }));
  for (let at = 0; at < rows.length; at += maxRows) {
    await run(
      `insert into usage_daily (day, supergraph, operation, operation_name, client, version, epoch, requests, errors, last_seen)
       select $1, supergraph, operation, operation_name, client, version, $2, requests, errors, last_seen
       from jsonb_to_recordset($3) as use(supergraph text, operation text, operation_name text, client text, version text,
         requests bigint, errors bigint, last_seen timestamptz)
       on conflict (day, supergraph, operation, client, version, epoch) do update set
         requests = greatest(usage_daily.requests, excluded.requests),
         errors = greatest(usage_daily.errors, excluded.errors),
         last_seen = greatest(usage_daily.last_seen, excluded.last_seen)`,
      [day, epoch, JSON.stringify(rows.slice(at, at + maxRows))],
    );
  }
  await run(
    `insert into usage_operation (operation, name, text, last_day)
     select operation, name, text, $1::date from jsonb_to_recordset($2) as known(operation text, name text, text text)
     on conflict (operation) do update set last_day = greatest(usage_operation.last_day, excluded.last_day)`,
    [day, JSON.stringify([...texts].map(([operation, text]) => ({ operation, ...text })))],
  );
}

/** What Postgres has from `firstDay` on, a day for each epoch. */
export async function readUsageHistory({ databaseUrl }: UsageHistoryOptions, firstDay: string): Promise<RecordedDay[]> {
  return inOneTransaction({ url: databaseUrl, applicationName: "tributary usage", statementTimeoutMs }, async (run) => {
    const rows = await run<Omit<RecordedUse, "lastSeenMs"> & { day: string; epoch: string; last_seen_ms: number }>(
      `select day::text, epoch::text, supergraph, operation, client, version, requests::float8 as requests,
         errors::float8 as errors, extract(epoch from last_seen)::float8 * 1000 as last_seen_ms
       from usage_daily where day >= $1 order by day`,
      [firstDay],
    );
    const known = await run<RecordedText & { operation: string }>(
      "select operation, name, text from usage_operation where last_day >= $1",
      [firstDay],
    );
    const texts = new Map(known.map(({ operation, name, text }) => [operation, { name, text }]));
    const days = new Map<string, RecordedDay & { uses: RecordedUse[] }>();
    for (const { day, epoch, last_seen_ms: lastSeenMs, ...use } of rows) {
      const key = `${day} ${epoch}`;
      const found = days.get(key) ?? { day, epoch, uses: [], texts };
      days.set(key, found);
      found.uses.push({ ...use, lastSeenMs });
    }
    return [...days.values()];
  });
}
