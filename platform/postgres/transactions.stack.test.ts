import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { parseWalPosition } from "@tributary/contracts/consistency";
import { type DatabaseUrls, type DataStack, startDataStack } from "@tributary/local/test-stack";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { sql } from "drizzle-orm";
import { isUniqueViolation } from "./index.ts";
import { openTestDatabase, queryOnce, until } from "./test-database.ts";
import { openTestLink } from "./test-link.ts";

let stack: DataStack;
let urls: DatabaseUrls;
const opened: Lifecycle[] = [];

function open(overrides: Partial<DatabaseUrls> = {}, sizes = {}) {
  const test = openTestDatabase({ ...urls, ...overrides }, sizes);
  opened.push(test.lifecycle);
  return test;
}

before(async () => {
  stack = await startDataStack();
  urls = stack.databaseUrls("tasks");
  await queryOnce(
    urls.ownerUrl,
    `create table item (id text primary key, workspace_id text not null default '', batch text not null default '');
     create table slow_commit (id text primary key);
     create function sleep_at_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
     create constraint trigger slow after insert on slow_commit deferrable initially deferred
       for each row execute function sleep_at_commit();
     create table late_check (id text unique deferrable initially deferred);
     create table tenant_item (workspace_id text, id text, primary key (workspace_id, id));
     alter table tenant_item enable row level security;
     create policy tenant on tenant_item for all to tributary_app
       using (workspace_id = current_setting('app.workspace_id', true)) with check (workspace_id = current_setting('app.workspace_id', true));
     create policy readers on tenant_item for select to tributary_reader using (true);
     grant select, insert, update, delete on all tables in schema public to tributary_app;
     grant select on all tables in schema public to tributary_reader;`,
  );
});
afterEach(async () => {
  for (const lifecycle of opened.splice(0)) await lifecycle.stop("test");
});
after(() => stack.stop());

const countOf = async (batch: string): Promise<number> =>
  Number((await queryOnce<{ n: string }>(urls.superuserUrl, "select count(*) as n from item where batch = $1", [batch]))[0]!.n);

test("the position of a transaction covers its COMMIT: one read before COMMIT would be short", async () => {
  const { database } = open();
  for (let round = 0; round < 10; round++) {
    const session = database.session(new Map());
    let before = 0n;
    await session.transaction({}, async (tx) => {
      await tx.execute(sql`insert into item (id) values (${`position-${round}`})`);
      const { rows } = await tx.execute<{ position: string }>(sql`select pg_current_wal_insert_lsn()::text as position`);
      before = parseWalPosition(rows[0]!.position);
    });
    const position = (await session.consistency()).get("tasks")!;
    assert.ok(position > before, `${position} is not after ${before}`);
  }
});

test("work that fails leaves nothing, and the error is the work's own", async () => {
  const { database } = open();
  const failing = database.transaction({}, async (tx) => {
    await tx.execute(sql`insert into item (id, batch) values ('failing', 'failing')`);
    throw new RangeError("no");
  });
  await assert.rejects(failing, RangeError);
  assert.equal(await countOf("failing"), 0);
});

test("a backend killed after any statement: the transaction rejects, no row stays, the pool goes on", async () => {
  const { database } = open({}, { transactionPoolSize: 2 });
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", onUncaught);
  for (let round = 0; round < 40; round++) {
    const batch = `killed-${round}`;
    const killAfter = round % 4;
    const killed = database.transaction({}, async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      for (let statement = 0; statement < 4; statement++) {
        await tx.execute(sql`insert into item (id, batch) values (${`${batch}-${statement}`}, ${batch})`);
        if (statement === killAfter) await queryOnce(urls.superuserUrl, "select pg_terminate_backend($1, 1000)", [rows[0]!.pid]);
        if (statement === killAfter && round % 8 >= 4) throw new Error("the work fails at the same moment");
      }
    });
    await assert.rejects(killed, round % 8 >= 4 ? /same moment/ : { name: "AppError", code: "UNAVAILABLE" });
    assert.equal(await countOf(batch), 0);
    await database.transaction({}, (tx) => tx.execute(sql`insert into item (id, batch) values (${`${batch}-ok`}, 'after-kill')`));
  }
  process.off("uncaughtException", onUncaught);
  assert.deepEqual(uncaught, []);
  assert.equal(await countOf("after-kill"), 40);
});

test("statements waiting behind one whose backend dies all reject", async () => {
  const { database } = open();
  const killed = database.transaction({}, async (tx) => {
    const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    const kill = tx.execute(sql`select pg_sleep(30)`);
    const queued = [1, 2, 3].map((n) => tx.execute(sql`insert into item (id, batch) values (${`queued-${n}`}, 'queued')`));
    await queryOnce(urls.superuserUrl, "select pg_terminate_backend($1, 1000)", [rows[0]!.pid]);
    const outcomes = await Promise.allSettled([kill, ...queued]);
    assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(["rejected"]));
  });
  await assert.rejects(killed, { code: "UNAVAILABLE" });
  assert.equal(await countOf("queued"), 0);
});

test("a COMMIT whose answer is lost is OUTCOME_UNKNOWN and retryable, never a success or a plain failure", async () => {
  const { database, sum } = open();
  const committing = database.transaction({}, (tx) => tx.execute(sql`insert into slow_commit values ('unknown')`));
  const outcome = assert.rejects(committing, (error: { code: string; extensions: { retryable: boolean } }) => {
    assert.equal(error.code, "OUTCOME_UNKNOWN");
    assert.equal(error.extensions.retryable, true);
    return true;
  });
  const find = "select pid from pg_stat_activity where query like 'commit%' and wait_event = 'PgSleep'";
  await until(async () => (await queryOnce(urls.superuserUrl, find)).length === 1);
  await queryOnce(urls.superuserUrl, `select pg_terminate_backend(pid, 1000) from (${find})`);
  await outcome;
  assert.equal(await sum("db_unknown_outcomes_total"), 1);
});

test("a COMMIT that Postgres refuses is the error it gave, not an unknown outcome", async () => {
  const { database } = open();
  const refused = database.transaction({}, (tx) => tx.execute(sql`insert into late_check values ('same'), ('same')`));
  await assert.rejects(refused, (error) => isUniqueViolation(error, "late_check_id_key"));
});

test("work that swallows a failed statement is not reported as saved", async () => {
  const { database } = open();
  const swallowed = database.transaction({}, async (tx) => {
    await tx.execute(sql`insert into item (id, batch) values ('swallowed', 'swallowed')`);
    await tx.execute(sql`select 1 / 0`).catch(() => undefined);
  });
  await assert.rejects(swallowed, /rolled back/);
  assert.equal(await countOf("swallowed"), 0);
});

test("a statement sent after the work has settled runs nowhere", async () => {
  const { database } = open({}, { transactionPoolSize: 1 });
  let late: Promise<unknown> = Promise.resolve();
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await database.transaction({}, async (tx) => {
    late = finished.then(() => tx.execute(sql`insert into item (id, batch) values ('late', 'late')`));
  });
  finish();
  await assert.rejects(late);
  assert.equal(await countOf("late"), 0);
});

test("a nested transaction is a savepoint", async () => {
  const { database } = open();
  await database.transaction({}, async (tx) => {
    await tx.execute(sql`insert into item (id, batch) values ('outer', 'nested')`);
    const inner = tx.transaction(async (nested) => {
      await nested.execute(sql`insert into item (id, batch) values ('inner', 'nested')`);
      throw new Error("inner");
    });
    await assert.rejects(inner, /inner/);
  });
  assert.equal(await countOf("nested"), 1);
});

test("row-level security keeps a transaction inside its scope, and no scope is left for the next one", async () => {
  const { database } = open({}, { transactionPoolSize: 1 });
  const insert = (scope: { workspaceId?: string }, id: string) =>
    database.transaction(scope, (tx) => tx.execute(sql`insert into tenant_item values ('w1', ${id})`));
  await insert({ workspaceId: "w1" }, "1");
  for (const scope of [{ workspaceId: "w2" }, {}]) {
    await assert.rejects(insert(scope, "2"), (error: Error) => /row-level security/.test(String((error.cause as Error).message)));
  }
  const { rows } = await database.transaction({ userId: "o'brien" }, (tx) =>
    tx.execute(sql`select current_setting('app.user_id') as user_id, (select count(*)::int from tenant_item) as seen`),
  );
  assert.deepEqual(rows[0], { user_id: "o'brien", seen: 0 });
});

test("every statement is counted, BEGIN, its settings and COMMIT too", async () => {
  const { database, sum } = open();
  await database.transaction({}, async (tx) => {
    await tx.execute(sql`select 1`);
    await tx.execute(sql`select 2`);
  });
  assert.equal(await sum("db_statements_total", { target: "transaction" }), 5);
});

const busyMachineMs = 3_000; // what other tests may take of the time beside P14's

test("with the primary dead or hanging a transaction is UNAVAILABLE within 2 s, and works again when it is back", async (t) => {
  const link = await openTestLink(urls.primaryUrl);
  t.after(link.close);
  const { database } = open({ primaryUrl: link.url });
  const write = () => database.transaction({}, (tx) => tx.execute(sql`select 1`));
  await write();
  for (const [fail, mend] of [
    [link.cut, link.mend],
    [async () => link.freeze(), async () => link.thaw()],
  ] as const) {
    await fail();
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => assert.rejects(write(), { code: "UNAVAILABLE" })));
    assert.ok(performance.now() - startedAt < 2_000 + busyMachineMs);
    await mend();
    await until(
      () =>
        write().then(
          () => true,
          () => false,
        ),
      5_000,
    );
  }
});

test("more transactions than connections wait their turn", async () => {
  const { database } = open({}, { transactionPoolSize: 2 });
  const work = Array.from({ length: 50 }, (_, n) =>
    database.transaction({}, (tx) => tx.execute(sql`insert into item (id, batch) values (${`turn-${n}`}, 'turn')`)),
  );
  await Promise.all(work);
  assert.equal(await countOf("turn"), 50);
});

test("NOTIFY wakes the listener, also after its connection was lost", async (t) => {
  const link = await openTestLink(urls.primaryUrl);
  t.after(link.close);
  const { database } = open({ primaryUrl: link.url });
  let woken = 0;
  database.listen("test_channel", () => woken++);
  await until(() => woken === 1); // subscribed
  await queryOnce(urls.primaryUrl, "notify test_channel");
  await until(() => woken === 2);
  await link.cut();
  await link.mend();
  await until(() => woken === 3); // subscribed again
  await queryOnce(urls.primaryUrl, "notify test_channel");
  await until(() => woken === 4);
});
