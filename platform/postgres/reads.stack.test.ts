import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { inRotation, isReplica, none, readsOf, setTo, startCounterStack, valueIn } from "./test-counter.ts";
import { queryOnce, until } from "./test-database.ts";

const { stack, urls, open } = await startCounterStack();

test("a client reads its own writes in its next request, at any replica lag", async () => {
  const opened = open();
  const { database } = opened;
  let value = 0;
  const writeAndRead = async () => {
    const token = await setTo(++value)(database);
    assert.equal(await database.session(token).read(valueIn), value);
  };
  await until(() => inRotation(opened, "replica-1"));
  for (let pair = 0; pair < 200; pair++) await writeAndRead();
  assert.ok((await readsOf(opened, "replica")) > 100, "with a live replica most reads go there");

  for (const delayMs of [200, 5_000]) {
    await stack.setReplicaDelay(delayMs);
    for (let pair = 0; pair < 30; pair++) await writeAndRead();
  }
  await stack.setReplicaDelay(0);
  await stack.pauseReplica();
  const onPrimary = await readsOf(opened, "primary");
  for (let pair = 0; pair < 30; pair++) await writeAndRead();
  assert.equal(await readsOf(opened, "primary"), onPrimary + 30);
  await stack.resumeReplica();
});

test("without its token a read of a paused replica is stale: the test above can fail", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  await setTo(70_000)(opened.database);
  await until(async () => (await opened.database.session(none).read(valueIn)) === 70_000);
  await stack.pauseReplica();
  await setTo(70_001)(opened.database);
  assert.equal(await opened.database.session(none).read(valueIn), 70_000);
  await stack.resumeReplica();
});

test("later reads of the request that wrote see the write", async () => {
  const { database } = open();
  await stack.pauseReplica();
  const session = database.session(none);
  await session.read(valueIn);
  await session.transaction({}, (tx) => tx.execute(sql`update counter set value = 500 where id = 1`));
  assert.equal(await session.read(valueIn), 500);
  await stack.resumeReplica();
});

test("a read's position covers what it saw, not what was known before it", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  const writer = open().database;
  for (let value = 1_000; value < 1_050; value++) {
    const written = (await setTo(value)(writer)).get("tasks")!;
    const session = opened.database.session(none);
    let seen = 0;
    await until(async () => {
      seen = await session.read(valueIn);
      return seen === value;
    });
    assert.ok((await session.consistency()).get("tasks")! >= written);
  }
  assert.ok((await readsOf(opened, "replica")) >= 50);
});

test("what a request saw on the primary, the client's next request sees too", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  await stack.pauseReplica();
  const token = await setTo(2_000)(opened.database);
  await setTo(2_001)(open().database); // somebody else's write
  const session = opened.database.session(token);
  assert.equal(await session.read(valueIn), 2_001);
  assert.equal(await opened.database.session(await session.consistency()).read(valueIn), 2_001);
  await stack.resumeReplica();
});

test("a position from the far future costs a read of the primary, nothing else", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  const future = new Map([["tasks", 0xffff_ffff_ffff_ffffn]]);
  for (let round = 0; round < 20; round++) {
    const session = opened.database.session(future);
    assert.equal(await session.read(isReplica), false);
    const seen = (await session.consistency()).get("tasks")!;
    assert.ok(seen < 0xffff_ffffn, "the forged position is not given back");
  }
});

test("reads cannot write, and one that takes too long is TIMEOUT", async () => {
  const opened = open();
  const { database } = opened;
  await assert.rejects(
    database.session(none).read((db) => db.execute(sql`update counter set value = 1`)),
    (error: Error) => /read-only|permission denied/.test(String((error.cause as Error).message)),
  );
  await assert.rejects(
    database.session(none).read((db) => db.execute(sql`select pg_sleep(10)`)),
    { code: "TIMEOUT" },
  );
});

test("each read is one statement of its target", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  for (let round = 0; round < 5; round++) await opened.database.session(none).read(valueIn);
  assert.equal(await opened.sum("db_statements_total", { target: "replica" }), 5);
  assert.equal(await opened.sum("db_statements_total", { target: "primary" }), 0);
});

test("arrays are arrays, as parameters and as results, whatever is in them", async () => {
  const { database } = open();
  const texts = ["plain", "", "NULL", 'quote " and , comma', "back\\slash", "{brace}"];
  const rows = await database.session(none).read((db) =>
    db.execute(sql`select ${sql.param(texts)}::text[] as texts, array[1, null, 3] as numbers, array[true, false] as flags,
      'plain' = any(${sql.param(texts)}::text[]) as found`),
  );
  assert.deepEqual({ ...rows[0] }, { texts, numbers: [1, null, 3], flags: [true, false], found: true });
});

test("a frequent read goes on after the shape of its table has changed", async () => {
  const { database } = open();
  await queryOnce(
    urls.ownerUrl,
    "create table shape (id int); insert into shape values (1); grant select on shape to tributary_reader",
  );
  const token = await setTo(6_000)(database);
  const read = () => database.session(token).read((db) => db.execute(sql`select * from shape where id = ${1}::int`));
  for (let round = 0; round < 30; round++) await read();
  await queryOnce(urls.ownerUrl, "alter table shape add column name text default 'new'");
  const after = await setTo(6_001)(database);
  const rows = await database.session(after).read((db) => db.execute(sql`select * from shape where id = ${1}::int`));
  assert.deepEqual({ ...rows[0] }, { id: 1, name: "new" });
});
