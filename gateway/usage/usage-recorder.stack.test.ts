import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createRedis, type Redis } from "@tributary/platform/redis";
import { type OperationDefinitionNode, parse } from "graphql";
import { pino } from "pino";
import { readUsageDay } from "./read-usage.ts";
import { batchMemoryMs, type UsageStore } from "./send-batch.ts";
import { createUsageRecorder, type UsageRecorderOptions } from "./usage-recorder.ts";

const logger = pino({ level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
let stack: DataStack;
let redis: Redis;
before(async () => {
  stack = await startDataStack({ withPostgres: false });
  redis = createRedis({ url: stack.redisUrl, kind: "worker", logger, lifecycle }); // waits for its connection
});
after(async () => {
  await lifecycle.stop("the tests are over");
  await stack.stop();
});
beforeEach(() => redis.flushdb());

const bounds = {
  maxOperations: 100,
  maxClients: 100,
  maxCombinations: 1_000,
  maxTextLength: 1_000,
  maxCounts: 1_000,
  maxTexts: 100,
  maxTextBytes: 10_000,
};
const day = "2026-11-22";
let nowMs = Date.parse(`${day}T10:30:00Z`);
const web = { clientName: "web app", clientVersion: "1" };

function operationOf(text: string) {
  const document = parse(text);
  return { document, operation: document.definitions[0] as OperationDefinitionNode, generation: { id: "s1" } };
}

/** Redis whose next replies are lost: what was sent has happened all the same. */
function lossyStore(): { store: UsageStore; state: { lost: number; sent: number } } {
  const state = { lost: 0, sent: 0 };
  const store: UsageStore = {
    async eval(...args) {
      const reply = await redis.eval(...args);
      state.sent += 1;
      if (state.lost > 0) {
        state.lost -= 1;
        throw new Error("the connection was lost before the reply");
      }
      return reply;
    },
  };
  return { store, state };
}

const startRecorder = (options: Partial<UsageRecorderOptions> = {}) =>
  createUsageRecorder({ store: redis, bounds, now: () => nowMs, ...options });

const usesOf = async (at = day) =>
  ((await readUsageDay(redis, at))?.uses ?? [])
    .map(({ operation, client, version, requests, errors }) => ({ operation, client, version, requests, errors }))
    .sort((a, b) => (a.client < b.client ? -1 : 1));

test("gateways add to the same day; name, text and time of last use are kept once", async () => {
  const [one, two] = [startRecorder(), startRecorder()];
  const operation = operationOf('query Find { task(id: "tsk_1") { id } }');
  one.record(operation, web, false);
  one.record(operation, web, true);
  two.record(operation, web, false);
  await one.flush();
  nowMs += 60_000;
  await two.flush();
  const recorded = await readUsageDay(redis, day);
  const [use] = recorded!.uses;
  assert.equal(recorded!.uses.length, 1);
  assert.deepEqual(
    { ...use, operation: "" },
    { supergraph: "s1", operation: "", client: "web app", version: "1", requests: 3, errors: 1, lastSeenMs: nowMs },
  );
  assert.deepEqual(recorded!.texts.get(use!.operation), { name: "Find", text: 'query Find{task(id:""){id}}' });
  assert.ok((await redis.ttl(`{usage}:${day}:counts`)) > 39 * 86_400);
});

test("a batch whose reply was lost is sent again and counted once", async () => {
  const { store, state } = lossyStore();
  const recorder = startRecorder({ store });
  const operation = operationOf("{ a }");
  recorder.record(operation, web, false);
  state.lost = 2;
  await assert.rejects(recorder.flush(), /lost before the reply/);
  recorder.record(operation, web, false);
  await assert.rejects(recorder.flush());
  await recorder.flush();
  assert.equal(state.sent, 4);
  assert.deepEqual(
    (await usesOf()).map(({ requests }) => requests),
    [2],
  );
});

test("a batch that Redis may have counted and no longer remembers is given up, not counted twice", async () => {
  const { store, state } = lossyStore();
  let lost = 0;
  const recorder = startRecorder({ store, onLost: (requests) => (lost += requests) });
  recorder.record(operationOf("{ a }"), web, false);
  state.lost = 1;
  await assert.rejects(recorder.flush());
  nowMs += batchMemoryMs;
  await recorder.flush();
  assert.equal(lost, 1);
  assert.deepEqual(
    (await usesOf()).map(({ requests }) => requests),
    [1],
  );
});

test("while Redis is away counts are kept, and sent when it is back", async () => {
  let isAway = true;
  const store: UsageStore = { eval: (...args) => (isAway ? Promise.reject(new Error("away")) : redis.eval(...args)) };
  const recorder = startRecorder({ store });
  const operation = operationOf("{ a }");
  for (let round = 0; round < 5; round += 1) {
    recorder.record(operation, web, false);
    await assert.rejects(recorder.flush(), /away/);
  }
  isAway = false;
  await recorder.flush();
  assert.deepEqual(
    (await usesOf()).map(({ requests }) => requests),
    [5],
  );
});

test("a day of its own for each day, with its texts", async () => {
  const recorder = startRecorder();
  const operation = operationOf("query Daily { a }");
  recorder.record(operation, web, false);
  await recorder.flush();
  nowMs += 86_400_000;
  recorder.record(operation, web, false);
  await recorder.flush();
  const next = await readUsageDay(redis, "2026-11-23");
  nowMs -= 86_400_000;
  assert.equal((await usesOf()).length, 1);
  assert.equal(next?.uses.length, 1);
  assert.equal([...next!.texts.values()][0]?.name, "Daily");
});

test("texts that Redis lost are sent again", async () => {
  const recorder = startRecorder();
  const operation = operationOf("query Lost { a }");
  const use = async () => {
    recorder.record(operation, web, false);
    await recorder.flush();
  };
  await use();
  await redis.flushdb();
  await use(); // told that the text is missing
  await use();
  const recorded = await readUsageDay(redis, day);
  assert.equal([...recorded!.texts.values()][0]?.name, "Lost");
  assert.equal(recorded!.uses[0]?.requests, 2);
});

test("Redis holds no more than its bounds, whatever gateways send: the rest is counted under (other)", async () => {
  const small = { ...bounds, maxCounts: 5, maxTexts: 4 };
  const overflow: number[] = [];
  const recorder = startRecorder({ bounds: small, onOverflow: (requests) => overflow.push(requests) });
  for (let index = 0; index < 20; index += 1) recorder.record(operationOf(`{ a${index}: a }`), web, false);
  await recorder.flush();
  const recorded = await readUsageDay(redis, day);
  assert.equal(recorded!.texts.size, 4);
  assert.ok(recorded!.uses.length <= 6, `${recorded!.uses.length} counts`);
  assert.equal(
    recorded!.uses.reduce((sum, { requests }) => sum + requests, 0),
    20,
  );
  assert.ok(recorded!.uses.every(({ operation }) => operation === "(other)" || recorded!.texts.has(operation)));

  recorder.record(operationOf("{ a19: a }"), web, false); // refused once: not even sent under its name again
  await recorder.flush();
  assert.deepEqual(overflow, [1]);
});
