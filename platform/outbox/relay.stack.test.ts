import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { consumeOnce } from "./consume-once.ts";
import { feedKey } from "./feed-key.ts";
import { draft, startOutboxStack, until } from "./test-outbox.ts";

const { stack, openProcess, query, stopProcesses, stop } = await startOutboxStack();
test.afterEach(stopProcesses);
test.after(stop);

const routes = { "notification.added": ["tasks-events"] };
const owed = async (): Promise<number> => (await query<{ n: number }>("select count(*)::int as n from outbox_delivery"))[0]!.n;
const relayPids = async (): Promise<number[]> =>
  (
    await query<{ pid: number }>(
      "select l.pid from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = 'tasks' and l.granted",
    )
  ).map(({ pid }) => pid);
const seqsOf = async (stream: string): Promise<number[]> =>
  (await query<{ seq: number }>("select seq::int from feed_event where stream = $1 order by seq", [stream])).map(
    ({ seq }) => seq,
  );
/** The relay has looked at all deliveries once, so that only its later rounds can find something. */
const settled = async (worker: ReturnType<typeof openProcess>): Promise<void> => {
  const redis = worker.redis();
  await redis.del("relay:tasks:here");
  await until(async () => (await redis.exists("relay:tasks:here")) === 1);
};
const reconcileMs = 300;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("one of two relays publishes; when it stops, or loses its session, the other goes on without a hole or a repeat", async () => {
  const [first, second] = [openProcess(), openProcess()];
  first.relay();
  await until(async () => (await relayPids()).length === 1);
  second.relay();
  let written = 0;
  const write = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await second.append(draft(++written, "two"));
  };
  await write(20);
  await until(async () => (await seqsOf("two")).length === 20);
  await until(async () => (await first.metric("outbox_published_total")) === 20); // counted after the commit
  assert.equal(await second.metric("outbox_published_total"), 0);

  const [victim] = await relayPids();
  const writing = write(60);
  await query("select pg_terminate_backend($1)", [victim]);
  await writing;
  await until(async () => (await seqsOf("two")).length === 80);

  await first.stop();
  await write(20);
  await until(async () => (await seqsOf("two")).length === 100);
  assert.deepEqual(await seqsOf("two"), upTo(100));
  const [distinct] = await query<{ n: number }>("select count(distinct id)::int as n from feed_event where stream = 'two'");
  assert.equal(distinct?.n, 100);
  const entries = await second.redis().xrange(feedKey("tasks", "two"), "-", "+");
  assert.deepEqual(
    entries.map(([id]) => id),
    [...new Set(entries.map(([id]) => id))],
  ); // D5: Redis has none twice
  await second.stop();
});

test("a relay that is paused loses its lock to another, and publishes nothing when it wakes", async () => {
  const program = fileURLToPath(new URL("./test-relay-process.ts", import.meta.url));
  const paused = spawn(process.execPath, [program, stack.databaseUrls("tasks").primaryUrl, stack.redisUrl], { stdio: "inherit" });
  try {
    const standby = openProcess();
    await until(async () => (await relayPids()).length === 1);
    await standby.append(draft(1, "paused"));
    await until(async () => (await seqsOf("paused")).length === 1);
    standby.relay();
    const [before] = await relayPids();
    paused.kill("SIGSTOP");
    await standby.append(draft(2, "paused"));
    await until(async () => (await seqsOf("paused")).length === 2, 20_000);
    assert.notEqual((await relayPids())[0], before);
    paused.kill("SIGCONT");
    for (const number of upTo(50)) await standby.append(draft(number + 2, "paused"));
    await until(async () => (await seqsOf("paused")).length === 52);
    assert.deepEqual(await seqsOf("paused"), upTo(52));
    await until(async () => (await standby.metric("outbox_published_total")) === 51);
    await standby.stop();
  } finally {
    paused.kill("SIGKILL");
  }
});

test("an event reaches its consumer once, and what is worked off is forgotten", async () => {
  const worker = openProcess();
  const handled: string[] = [];
  worker.relay({ routes, reconcileMs });
  worker.queues.startWorker({
    queue: "tasks-events",
    concurrency: 2,
    retry: { attempts: 3, firstDelayMs: 20 },
    handle: async ({ id, data }) => {
      const { id: eventId } = data as { id: string };
      assert.equal(id, `${eventId}-tasks-events`);
      await worker.database.transaction({}, async (tx) => {
        if (await consumeOnce(tx, "test", eventId)) handled.push(eventId);
      });
    },
  });
  const [event] = await worker.append(draft(1, null));
  await until(() => handled.length === 1);
  assert.deepEqual(handled, [event!.id]);
  await query("update outbox_delivery set check_at = now()"); // instead of waiting for the 10 s
  await until(async () => (await owed()) === 0, 20_000);
  await worker.stop();
});

test("FLUSHALL loses no job: what was not worked off is delivered again", async () => {
  const worker = openProcess();
  worker.relay({ routes, reconcileMs });
  await settled(worker);
  await worker.append(draft(1, null), draft(2, null), draft(3, null));
  const redis = worker.redis();
  await until(async () => (await redis.llen("bull:tasks-events:wait")) === 3);
  await redis.flushall();
  const handled = new Set<string>();
  worker.queues.startWorker({
    queue: "tasks-events",
    concurrency: 1,
    retry: { attempts: 3, firstDelayMs: 20 },
    handle: async ({ id }) => void handled.add(id),
  });
  await until(() => handled.size === 3, 25_000);
  await worker.stop();
  await query("delete from outbox_delivery");
});

test("Redis down stops no commit and no publication; jobs arrive when it is back", async () => {
  const worker = openProcess();
  worker.relay({ routes, control: ["notification.added"] });
  await until(async () => (await relayPids()).length === 1);
  await stack.kill("redis");
  const startedMs = performance.now();
  for (const number of upTo(20)) await worker.append(draft(number, "dark"));
  assert.ok(performance.now() - startedMs < 5_000);
  await until(async () => (await seqsOf("dark")).length === 20);
  await stack.restart("redis");
  const handled = new Set<string>();
  worker.queues.startWorker({
    queue: "tasks-events",
    concurrency: 4,
    retry: { attempts: 3, firstDelayMs: 20 },
    handle: async ({ id }) => void handled.add(id),
  });
  await until(() => handled.size === 20, 30_000);
  const control = await worker.redis().xrange("control", "-", "+");
  const ids = new Set(control.map(([, fields]) => JSON.parse(fields[fields.indexOf("event") + 1]!).id));
  assert.equal(ids.size, 20);
  await worker.stop();
});

test("control events are written again when Redis has lost them", async () => {
  const worker = openProcess();
  worker.relay({ control: ["notification.added"], reconcileMs });
  await settled(worker);
  const redis = worker.redis();
  const length = () => redis.xlen("control");
  const before = await length();
  const [event] = await worker.append(draft(1, null));
  await until(async () => (await length()) === before + 1);
  await redis.flushall();
  await until(async () => (await redis.exists(`control:${event!.id}`)) === 1, 25_000);
  await worker.stop();
});

test("a job that keeps failing stays in the failed set after its last attempt", async () => {
  const worker = openProcess();
  let tries = 0;
  worker.queues.startWorker({
    queue: "mail",
    concurrency: 1,
    retry: { attempts: 3, firstDelayMs: 5 },
    handle: async () => {
      tries += 1;
      throw new Error("no");
    },
  });
  const queue = worker.queues.queue("mail");
  await until(() =>
    queue.add([{ id: "evt_1-mail", data: {} }]).then(
      () => true,
      () => false,
    ),
  );
  await until(async () => (await queue.states(["evt_1-mail"]))[0] === "dead");
  assert.equal(tries, 3);
  assert.deepEqual(await queue.states(["evt_2-mail"]), ["missing"]);
  await worker.stop();
});
