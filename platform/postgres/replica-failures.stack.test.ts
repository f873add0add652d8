import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Database } from "./index.ts";
import { inRotation, isReplica, none, readsOf, setTo, startCounterStack, valueIn } from "./test-counter.ts";
import { queryOnce, until } from "./test-database.ts";
import { openTestLink } from "./test-link.ts";

const { stack, urls, open } = await startCounterStack();

const busyMachineMs = 3_000; // what other tests may take of the time beside P13's

test("a hanging replica leaves the rotation within a second, no read fails, and it comes back", async (t) => {
  const link = await openTestLink(urls.replicaUrls[0]!);
  t.after(link.close);
  const opened = open({ replicaUrls: [link.url] });
  const { database } = opened;
  await until(() => inRotation(opened, "replica-1"));
  for (let round = 0; round < 3; round++) {
    assert.equal(await database.session(none).read(isReplica), true);
    link.freeze();
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 20 }, () => database.session(none).read(valueIn)));
    assert.ok(performance.now() - startedAt < 1_000 + busyMachineMs);
    await until(async () => !(await inRotation(opened, "replica-1")), 1_000 + busyMachineMs);
    const tried = await opened.sum("db_statements_total", { target: "replica" });
    assert.equal(await database.session(none).read(isReplica), false);
    assert.equal(await opened.sum("db_statements_total", { target: "replica" }), tried, "it is not tried any more");
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
