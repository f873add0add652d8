import { type IdKind, idAtTime } from "@tributary/contracts/ids";
import pg from "pg";
import { withOwnerLock } from "./owner-lock.ts";

/** A table partitioned `BY RANGE (id)`, and the kind of its ids. */
export type PartitionedTable = { readonly table: string; readonly idType: IdKind };

/**
 * Makes the partitions of this month and the `monthsAhead` after it, and a default one for all other ids. What the
 * default partition already holds for a month moves into that month. Safe to repeat, and to run in several processes.
 */
export async function ensureMonthlyPartitions(options: {
  ownerUrl: string;
  tables: readonly PartitionedTable[];
  monthsAhead?: number;
  now: Date;
}): Promise<void> {
  const { ownerUrl, tables, monthsAhead = 2, now } = options;
  await withOwnerLock(ownerUrl, async (client) => {
    for (const { table, idType } of tables) {
      const defaultName = `${table}_default`;
      await client.query(`create table if not exists ${quote(defaultName)} partition of ${quote(table)} default`);
      for (let ahead = 0; ahead <= monthsAhead; ahead++) {
        const { partition, from, to } = monthOf(table, idType, now, ahead);
        if (await exists(client, partition)) continue;
        await inTransaction(client, [
          `create table ${quote(partition)} (like ${quote(table)} including all)`,
          `with moved as (delete from ${quote(defaultName)} where id >= ${from} and id < ${to} returning *)
             insert into ${quote(partition)} select * from moved`,
          `alter table ${quote(table)} attach partition ${quote(partition)} for values from (${from}) to (${to})`,
        ]);
      }
    }
  });
}

const quote = pg.escapeIdentifier;

/** The month `ahead` of now in UTC: the partition's name, `activity_2026_11`, and its bounds as SQL literals. */
function monthOf(table: string, idType: IdKind, now: Date, ahead: number) {
  const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  const bound = (time: Date) => pg.escapeLiteral(idAtTime(idType, time));
  return { partition: `${table}_${start.toISOString().slice(0, 7).replace("-", "_")}`, from: bound(start), to: bound(end) };
}

async function exists(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query("select to_regclass($1) is not null as found", [quote(table)]);
  return rows[0].found === true;
}

async function inTransaction(client: pg.Client, statements: readonly string[]): Promise<void> {
  await client.query("begin");
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
