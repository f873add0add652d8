import assert from "node:assert/strict";
import { test } from "node:test";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Transaction } from "../postgres/index.ts";
import { appendEvents } from "./append-events.ts";
import { draft, startOutboxStack, until } from "./test-outbox.ts";

const { openProcess, openSession, query, stop } = await startOutboxStack();
test.after(stop);

// The writer of tests is a session steered by hand; appendEvents only needs its `execute`.
const append = (client: pg.Client, number: number, stream: string, item?: string) =>
  appendEvents(drizzle(client) as unknown as Pick<Transaction, "execute">, [draft(number, stream, item)]);

const feedOf = async (stream: string): Promise<number[]> =>
  (
    await query<{ version: number }>(
      "select (envelope->'aggregate'->>'version')::int as version from feed_event where stream = $1 order by seq",
      [stream],
    )
  ).map(({ version }) => version);

test("an event whose transaction commits after a later one is published, not passed by", async () => {
  const process = openProcess();
  process.relay();
  const [slow, quick] = [await openSession(), await openSession()];
  await slow.query("begin");
  await append(slow, 1, "late");
  await quick.query("begin");
  await append(quick, 2, "late");
  await quick.query("commit");
  await until(async () => (await feedOf("late")).length === 1);
  assert.deepEqual(await feedOf("late"), [2]); // nobody waits for the open transaction
  // The planted bug: a poller that remembers the last position it saw.
  const [{ last } = { last: 0 }] = await query<{ last: number }>("select last_value::int as last from outbox_position_seq");
  await slow.query("commit");
  await until(async () => (await feedOf("late")).length === 2);
  assert.deepEqual(await feedOf("late"), [2, 1]);
  assert.equal(last, 2); // "position > 2" would never have seen position 1
  await process.stop();
});

/** Two changes of one item: the first to start is the second to get the item's lock. A third transaction is open all the while. */
async function changeInTurns(stream: string): Promise<void> {
  await query("insert into item values ($1, 0)", [stream]);
  const [second, other, first] = [await openSession(), await openSession(), await openSession()];
  await second.query("begin");
  await second.query("insert into idempotency values ($1)", [`${stream} second`]); // as commands do: gives it its xid
  await other.query("begin");
  await other.query("insert into idempotency values ($1)", [`${stream} other`]);
  await first.query("begin");
  await first.query("update item set version = 1 where id = $1", [stream]);
  const waiting = second.query("update item set version = version + 1 where id = $1", [stream]);
  await append(first, 1, stream, stream);
  await first.query("commit");
  await waiting;
  await append(second, 2, stream, stream);
  await second.query("commit");
  await other.query("select pg_sleep(0)");
}

test("changes of one row are published in the order of their versions, whoever began first", async () => {
  await changeInTurns("turns");
  // The planted bug: rows below pg_snapshot_xmin in the order of xid give version 2 alone, and 1 after it.
  const byXid = await query<{ version: number }>(
    `select (envelope->'aggregate'->>'version')::int as version from outbox
     where xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint order by xmin::text::bigint, position`,
  );
  assert.deepEqual(byXid, [{ version: 2 }]);
  const process = openProcess();
  process.relay();
  await until(async () => (await feedOf("turns")).length === 2);
  assert.deepEqual(await feedOf("turns"), [1, 2]);
  await process.stop();
});

test("events of one transaction keep their order, and each feed is numbered without holes", async () => {
  const process = openProcess();
  const numbers = Array.from({ length: 120 }, (_, index) => index + 1);
  await process.append(...numbers.map((number) => draft(number, number % 2 ? "odd" : "even")));
  process.relay();
  await until(async () => (await feedOf("odd")).length + (await feedOf("even")).length === 120);
  assert.deepEqual(
    await feedOf("odd"),
    numbers.filter((number) => number % 2),
  );
  assert.deepEqual(
    await feedOf("even"),
    numbers.filter((number) => number % 2 === 0),
  );
  const heads = await query("select stream, head::int, trimmed::int from feed_stream where stream in ('odd', 'even') order by 1");
  assert.deepEqual(heads, [
    { stream: "even", head: 60, trimmed: 0 },
    { stream: "odd", head: 60, trimmed: 0 },
  ]);
  const [{ count } = { count: 0 }] = await query<{ count: number }>(
    "select count(distinct seq)::int from feed_event where stream = 'odd'",
  );
  assert.equal(count, 60);
  await process.stop();
});

test("a rolled back transaction leaves no event", async () => {
  const process = openProcess();
  process.relay();
  await assert.rejects(
    process.database.transaction({}, async (tx) => {
      await appendEvents(tx, [draft(1, "undone")]);
      throw new Error("changed my mind");
    }),
  );
  await process.append(draft(2, "undone"));
  await until(async () => (await feedOf("undone")).length > 0);
  assert.deepEqual(await feedOf("undone"), [2]);
  await process.stop();
});
