import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { ConsistencyToken } from "@tributary/contracts/consistency";
import { type DatabaseUrls, type DataStack, startDataStack } from "@tributary/local/test-stack";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { sql } from "drizzle-orm";
import type { Database, ReadDatabase } from "./index.ts";
import { openTestDatabase, queryOnce, until } from "./test-database.ts";
import { openTestLink } from "./test-link.ts";

let stack: DataStack;
let urls: DatabaseUrls;
const opened: Lifecycle[] = [];
const none: ConsistencyToken = new Map();

function open(overrides: Partial<DatabaseUrls> = {}, sizes = {}) {
  const test = openTestDatabase({ ...urls, ...overrides }, sizes);
  opened.push(test.lifecycle);
  return test;
}

type Opened = ReturnType<typeof open>;
const inRotation = ({ sum }: Opened, server: string) => sum("db_server_healthy", { server }).then((healthy) => healthy === 1);
const readsOf = ({ sum }: Opened, target: string) => sum("db_reads_total", { target });

before(async () => {
  stack = await startDataStack();
  urls = stack.databaseUrls("tasks");
  await queryOnce(
    urls.ownerUrl,
    `create table counter (id int primary key, value int not null);
     insert into counter values (1, 0);
     grant select, insert, update, delete on counter to tributary_app;
     grant select on counter to tributary_reader;`,
  );
});
afterEach(async () => {
  for (const lifecycle of opened.splice(0)) await lifecycle.stop("test");
});
after(() => stack.stop());

const setTo =
  (value: number) =>
  (database: Database, token = none) => {
    const session = database.session(token);
    return session
      .transaction({}, (tx) => tx.execute(sql`update counter set value = ${value} where id = 1`))
      .then(() => session.consistency());
  };
const valueIn = async (db: ReadDatabase): Promise<number> =>
  (await db.execute<{ value: number }>(sql`select value from counter where id = 1`))[0]!.value;
const isReplica = async (db: ReadDatabase): Promise<boolean> =>
  (await db.execute<{ replica: boolean }>(sql`select pg_is_in_recovery() as replica`))[0]!.replica;

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

test("a position from the far future costs 15 ms and the primary, nothing else", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  const future = new Map([["tasks", 0xffff_ffff_ffff_ffffn]]);
  await opened.database.session(future).read(valueIn); // opens the connection
  const durations: number[] = [];
  for (let round = 0; round < 20; round++) {
    const startedAt = performance.now();
    const session = opened.database.session(future);
    assert.equal(await session.read(isReplica), false);
    durations.push(performance.now() - startedAt);
    const seen = (await session.consistency()).get("tasks")!;
    assert.ok(seen < 0xffff_ffffn, "the forged position is not given back");
  }
  durations.sort((a, b) => a - b);
  assert.ok(durations[10]! < 30, `half of the reads took more than ${durations[10]} ms`);
});

test("a hanging replica leaves the rotation within a second, no read fails, and it comes back", async (t) => {
  const link = await openTestLink(urls.replicaUrls[0]!);
  t.after(link.close);
  const opened = open({ replicaUrls: [link.url] });
  const { database } = opened;
  await until(() => inRotation(opened, "replica-1"));
  for (let round = 0; round < 3; round++) {
    assert.equal(await database.session(none).read(isReplica), true);
    link.freeze();
    const reads = Array.from({ length: 20 }, async () => {
      const startedAt = performance.now();
      await database.session(none).read(valueIn);
      return performance.now() - startedAt;
    });
    const slowestMs = Math.max(...(await Promise.all(reads)));
    assert.ok(slowestMs < 1_000, `a read took ${slowestMs} ms`);
    await until(async () => !(await inRotation(opened, "replica-1")), 1_000);
    const startedAt = performance.now();
    assert.equal(await database.session(none).read(isReplica), false);
    assert.ok(performance.now() - startedAt < 100);
    link.thaw();
    await until(() => inRotation(opened, "replica-1"), 2_000);
  }
  assert.equal(await database.session(none).read(isReplica), true);
});

/** Runs `during` while eight readers read without pause; rejects as soon as one of their reads fails. */
async function whileReading(
  database: Database,
  tokens: readonly ConsistencyToken[],
  during: (answered: () => number) => Promise<void>,
) {
  let reading = true;
  let answered = 0;
  const readers = Array.from({ length: 8 }, async (_, index) => {
    while (reading) {
      await database.session(tokens[index % tokens.length]!).read(valueIn);
      answered++;
    }
  });
  const all = Promise.all(readers);
  try {
    await Promise.race([all, during(() => answered)]);
  } finally {
    reading = false;
  }
  await all;
}

test("a replica whose connections break loses no read", async (t) => {
  const link = await openTestLink(urls.replicaUrls[0]!);
  t.after(link.close);
  const opened = open({ replicaUrls: [link.url] });
  await until(() => inRotation(opened, "replica-1"));
  await whileReading(opened.database, [none], async (answered) => {
    for (let round = 0; round < 5; round++) {
      const atCut = answered();
      await link.cut();
      await until(() => answered() > atCut + 50);
      await link.mend();
      await until(() => inRotation(opened, "replica-1"), 2_000);
      const onReplica = await readsOf(opened, "replica");
      await until(async () => (await readsOf(opened, "replica")) > onReplica + 50);
    }
  });
});

test("killed read backends lose no read", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  const onPrimary = new Map([["tasks", 0xffff_ffff_ffffn]]);
  const kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tributary_reader'";
  const replicaSuperuser = new URL(urls.superuserUrl);
  replicaSuperuser.port = new URL(urls.replicaUrls[0]!).port;
  await whileReading(opened.database, [none, onPrimary], async (answered) => {
    for (let round = 0; round < 10; round++) {
      await Promise.all([queryOnce(urls.superuserUrl, kill), queryOnce(replicaSuperuser.href, kill)]);
      const atKill = answered();
      await until(() => answered() > atKill + 1_000);
    }
  });
});

test("a killed replica is replaced by the primary and returns after its restart", async () => {
  const opened = open();
  await until(() => inRotation(opened, "replica-1"));
  await opened.database.session(none).read(valueIn);
  await stack.kill("postgres-replica");
  const token = await setTo(3_000)(opened.database);
  assert.equal(await opened.database.session(token).read(valueIn), 3_000);
  await until(async () => !(await inRotation(opened, "replica-1")), 1_000);
  await stack.restart("postgres-replica");
  await until(() => inRotation(opened, "replica-1"));
  assert.equal(await opened.database.session(token).read(valueIn), 3_000);
});

test("with the primary dead reads stay up on the replica, and the process stays ready", async () => {
  const opened = open();
  const { database, readiness } = opened;
  await until(() => inRotation(opened, "replica-1"));
  const token = await setTo(4_000)(database);
  await until(async () => (await database.session(none).read(valueIn)) === 4_000);
  await stack.kill("postgres-primary");
  for (let round = 0; round < 50; round++) assert.equal(await database.session(token).read(valueIn), 4_000);
  const session = database.session(token);
  await session.read(valueIn);
  assert.ok((await session.consistency()).get("tasks")! >= token.get("tasks")!);
  assert.equal((await readiness.report()).ready, true);
  const unreachable = new Map([["tasks", 0xffff_ffff_ffffn]]);
  await assert.rejects(database.session(unreachable).read(valueIn), { code: "UNAVAILABLE" });
  await stack.restart("postgres-primary");
  await until(
    () =>
      setTo(4_001)(database).then(
        () => true,
        () => false,
      ),
    5_000,
  );
});

test("a process starts with Postgres down and becomes ready when it comes; without replicas the primary answers", async (t) => {
  const link = await openTestLink(urls.primaryUrl);
  t.after(link.close);
  await link.cut();
  const reader = new URL(urls.readPrimaryUrl);
  reader.port = new URL(link.url).port;
  const { database, readiness } = open({ primaryUrl: link.url, readPrimaryUrl: reader.href, replicaUrls: [] });
  assert.equal((await readiness.report()).ready, false);
  await assert.rejects(database.session(none).read(valueIn), { code: "UNAVAILABLE" });
  await link.mend();
  await until(async () => (await readiness.report()).ready, 2_000);
  const token = await setTo(5_000)(database);
  assert.equal(await database.session(token).read(valueIn), 5_000);
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
