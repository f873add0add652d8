import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type DatabaseUrls, type DataStack, startDataStack } from "@tributary/local/test-stack";
import { sql } from "drizzle-orm";
import type { Transaction } from "../postgres/index.ts";
import { openTestDatabase, queryOnce } from "../postgres/test-database.ts";
import { deleteExpiredIdempotencyKeys, idempotent } from "./index.ts";

let stack: DataStack;
let urls: DatabaseUrls;
let opened: ReturnType<typeof openTestDatabase>;
before(async () => {
  stack = await startDataStack();
  urls = stack.databaseUrls("tasks");
  await queryOnce(
    urls.ownerUrl,
    `create table idempotency_key (principal text, field text, key text, input_hash text not null, payload jsonb,
       created_at timestamptz not null default now(), primary key (principal, field, key));
     create table effect (n int generated always as identity);
     grant select, insert, update, delete on all tables in schema public to tributary_app;`,
  );
  opened = openTestDatabase(urls, { transactionPoolSize: 10 });
});
beforeEach(() => queryOnce(urls.ownerUrl, "truncate effect, idempotency_key restart identity"));
after(async () => {
  await opened?.lifecycle.stop("test");
  await stack?.stop();
});

const takeEffect = async (tx: Transaction): Promise<{ n: number }> =>
  (await tx.execute<{ n: number }>(sql`insert into effect default values returning n`)).rows[0]!;

function send(
  key: string | null,
  input: unknown = { a: 1 },
  more: { principal?: string; field?: string; fail?: boolean; onRun?: () => void; hold?: Promise<void> } = {},
) {
  const { principal = "usr_1", field = "createTask", fail = false, onRun, hold } = more;
  return opened.database.transaction({}, (tx) =>
    idempotent(tx, {
      principal,
      field,
      key,
      input,
      run: async () => {
        onRun?.();
        const done = await takeEffect(tx);
        await hold;
        if (fail) throw new Error("refused");
        return done;
      },
    }),
  );
}

const effects = async (): Promise<number> =>
  Number((await queryOnce<{ n: string }>(urls.ownerUrl, "select count(*) as n from effect"))[0]!.n);

test("eight equal calls at once have one effect and one answer, and so has one a day later minus a minute", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => send("k")));
  await queryOnce(urls.ownerUrl, "update idempotency_key set created_at = now() - interval '23 hours 59 minutes'");
  answers.push(await send("k"));
  for (const answer of answers) assert.deepEqual(answer, { n: answers[0]!.n });
  assert.equal(await effects(), 1);
});

test("another input under the key is refused and has no effect", async () => {
  await send("k");
  await assert.rejects(send("k", { a: 2 }), { code: "IDEMPOTENCY_MISMATCH" });
  assert.equal(await effects(), 1);
});

test("a key belongs to one principal and one field; without a key each call counts", async () => {
  await Promise.all([
    send("k"),
    send("k", { a: 2 }, { principal: "usr_2" }),
    send("k", { a: 2 }, { field: "addComment" }),
    send(null),
    send(null),
  ]);
  assert.equal(await effects(), 5);
});

test("a call that failed leaves the key free", async () => {
  await assert.rejects(send("k", {}, { fail: true }), /refused/);
  await send("k", { a: 2 });
  assert.equal(await effects(), 1);
});

test("a call whose first send takes longer than a lock may is told that it is in progress", async () => {
  const [running, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = send("k", {}, { hold: released.promise, onRun: running.resolve });
  await running.promise;
  await assert.rejects(send("k", {}), { code: "IN_PROGRESS" }).finally(released.resolve);
  await slow;
  assert.equal(await effects(), 1);
});

test("after 24 hours a key is new again, and housekeeping deletes it", async () => {
  await send("k");
  await queryOnce(urls.ownerUrl, "update idempotency_key set created_at = now() - interval '25 hours'");
  await send("k", { a: 2 });
  assert.equal(await effects(), 2);
  await queryOnce(urls.ownerUrl, "update idempotency_key set created_at = now() - interval '25 hours'");
  await send("other");
  await opened.database.transaction({}, (tx) => deleteExpiredIdempotencyKeys(tx));
  assert.deepEqual(await queryOnce(urls.ownerUrl, "select key from idempotency_key"), [{ key: "other" }]);
});

test("keys are 1 to 64 characters long", async () => {
  for (const key of ["", "x".repeat(65)]) await assert.rejects(send(key), { code: "INVALID" });
  await send("x".repeat(64));
});
