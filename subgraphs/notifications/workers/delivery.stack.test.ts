import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { newId } from "@tributary/contracts/ids";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { openDatabase } from "@tributary/platform/postgres";
import { createRedis } from "@tributary/platform/redis";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { deliveryRepository } from "../repositories/delivery-repository.ts";
import { anEvent } from "../testing/events.ts";
import { headerOf } from "../testing/mail-sink.ts";
import { startNotifications, type TestNotifications } from "../testing/start-notifications.ts";
import { waitFor } from "../testing/wait-for.ts";

type DeliveryRow = {
  id: string;
  status: string;
  attempts: number;
  reason: string | null;
  possible_duplicate: boolean;
  not_before: Date | null;
  claimed_at: Date | null;
};

let system: TestNotifications;
let worker: Awaited<ReturnType<TestNotifications["worker"]>>;
before(async () => {
  system = await startNotifications();
  worker = await system.worker();
});
afterEach(() => system.sink.answer("accept"));
after(() => system.stop());

/** Somebody signs up: the shortest way to one mail. */
async function signUp() {
  const userId = newId("user");
  const email = `user-${userId.slice(-12)}@demo.example`;
  const event = anEvent(
    "user.registered",
    { userId, email, displayName: "Nora", locale: "en", timeZone: "UTC" },
    { actorId: userId },
  );
  await system.send(event);
  return { userId, email, event };
}
const deliveryOf = async (userId: string): Promise<DeliveryRow | undefined> =>
  (await system.rows<DeliveryRow>("select * from delivery where recipient_id = $1", [userId]))[0];
const settledAs = (userId: string, status: string, limitMs?: number) =>
  waitFor(
    `the delivery to be ${status}`,
    async () => {
      const row = await deliveryOf(userId);
      return row?.status === status && row;
    },
    limitMs,
  );
/** Lets a waiting attempt be due now, and the reconciler find it. */
const hasten = (userId: string) =>
  system.rows("update delivery set not_before = now(), check_at = now() where recipient_id = $1", [userId]);

test("a server that refuses for now is tried again later, with one mail in the end", async () => {
  system.sink.answer("later");
  const { userId, email } = await signUp();
  const waiting = await settledAs(userId, "RETRYING");
  assert.deepEqual([waiting.attempts, waiting.reason, waiting.possible_duplicate], [1, "SMTP_451", false]);
  assert.ok(waiting.not_before && waiting.not_before.getTime() > Date.now() + 4_000);
  system.sink.answer("accept");
  await hasten(userId);
  const sent = await settledAs(userId, "SENT", 25_000);
  assert.deepEqual([sent.attempts, sent.reason, sent.possible_duplicate], [2, null, false]);
  assert.equal(system.sink.to(email).length, 1);
});

test("a recipient who does not exist is given up at once", async () => {
  system.sink.answer("never");
  const { userId } = await signUp();
  const dead = await settledAs(userId, "DEAD");
  assert.deepEqual([dead.attempts, dead.reason], [1, "SMTP_550"]);
});

test("a connection lost after the message was handed over is tried again, and the mail marked as possibly sent twice", async () => {
  system.sink.answer("no answer after taking");
  const { userId, email } = await signUp();
  const waiting = await settledAs(userId, "RETRYING", 20_000);
  assert.equal(waiting.possible_duplicate, true);
  system.sink.answer("accept");
  await hasten(userId);
  const sent = await settledAs(userId, "SENT", 25_000);
  assert.equal(sent.possible_duplicate, true);
  const mails = system.sink.to(email);
  assert.equal(mails.length, 2);
  assert.equal(new Set(mails.map(({ raw }) => headerOf(raw, "Message-ID"))).size, 1, "both carry one Message-ID");
  const answer = await system.ask(userId, "{ inbox { nodes { deliveries { channel status reason } } } }");
  assert.deepEqual(answer.data, {
    inbox: { nodes: [{ deliveries: [{ channel: "EMAIL", status: "SENT", reason: "POSSIBLE_DUPLICATE" }] }] },
  });
});

test("a message claimed by a worker that died is taken over when the claim has run out, and marked", async () => {
  system.sink.answer("later");
  const { userId, email } = await signUp();
  await settledAs(userId, "RETRYING");
  await system.rows(
    `update delivery set status = 'QUEUED', claimed_at = now() - interval '11 seconds', fence = fence + 1, not_before = null, check_at = now()
     where recipient_id = $1`,
    [userId],
  );
  system.sink.answer("accept");
  const sent = await settledAs(userId, "SENT", 30_000);
  assert.equal(sent.possible_duplicate, true);
  assert.equal(system.sink.to(email).length, 1);
});

test("of two workers at one message only the later claim may write the outcome", async () => {
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger: createLogger({ service: "test", level: "silent" }) });
  const parts = { logger: createLogger({ service: "test", level: "silent" }), metrics: createMetrics({ service: "test" }) };
  const database = openDatabase({
    name: "notifications",
    config: system.config.database,
    readiness: createReadiness(),
    lifecycle,
    ...parts,
  });
  try {
    const recipientId = newId("user");
    const key = { recipientId, id: newId("delivery") };
    const write = <T>(work: Parameters<typeof database.transaction<T>>[1]) => database.transaction({ userId: recipientId }, work);
    const row = {
      ...key,
      eventId: newId("event"),
      channel: "EMAIL" as const,
      notificationId: null,
      content: { template: "WELCOME" as const },
    };
    const now = new Date();
    assert.equal(await write((tx) => deliveryRepository.insert(tx, row, now)), true);
    assert.equal(await write((tx) => deliveryRepository.insert(tx, row, now)), false, "one row for event, channel and recipient");
    const first = await write((tx) => deliveryRepository.claim(tx, key, now));
    assert.equal(await write((tx) => deliveryRepository.claim(tx, key, new Date(now.getTime() + 5_000))), null, "in other hands");
    const second = await write((tx) => deliveryRepository.claim(tx, key, new Date(now.getTime() + 20_000)));
    assert.ok(first && second && second.fence > first.fence && second.possibleDuplicate);
    const sent = { status: "SENT" as const, reason: null, notBefore: null, possibleDuplicate: false };
    assert.equal(
      await write((tx) => deliveryRepository.settle(tx, first, sent)),
      false,
      "the stalled worker's word comes too late",
    );
    assert.equal(await write((tx) => deliveryRepository.settle(tx, second, { ...sent, possibleDuplicate: true })), true);
    assert.equal(await write((tx) => deliveryRepository.claim(tx, key, new Date(now.getTime() + 60_000))), null, "settled");
  } finally {
    await lifecycle.stop("test ends");
  }
});

test("a worker stopped in the middle of a send finishes it: one mail, and no second by the next worker", async () => {
  system.sink.answer("hold");
  const { userId, email } = await signUp();
  await waitFor("the send to begin", () => system.sink.held() > 0);
  const stopping = worker.stop();
  system.sink.answer("accept");
  system.sink.release();
  await stopping;
  worker = await system.worker();
  await settledAs(userId, "SENT");
  assert.equal(system.sink.to(email).length, 1);
});

test("a queue that was emptied loses no mail: what has not moved on is queued again", async () => {
  const logger = createLogger({ service: "test", level: "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const redis = createRedis({ url: system.stack.redisUrl, kind: "worker", logger, lifecycle });
  try {
    system.sink.answer("later");
    const people = await Promise.all(Array.from({ length: 5 }, signUp));
    for (const { userId } of people) await settledAs(userId, "RETRYING");
    await redis.flushall();
    system.sink.answer("accept");
    for (const { userId } of people) await hasten(userId);
    for (const { userId, email } of people) {
      await settledAs(userId, "SENT", 30_000);
      assert.equal(system.sink.to(email).length, 1);
    }
  } finally {
    await lifecycle.stop("test ends");
  }
});
