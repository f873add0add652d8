import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { inOneTransaction } from "@tributary/platform/postgres";
import { createRedis, type Redis } from "@tributary/platform/redis";
import { type OperationDefinitionNode, parse } from "graphql";
import { pino } from "pino";
import { migrateGateway } from "../migrate.ts";
import { mergeDays } from "./merge-days.ts";
import { type RecordedDay, readUsageDay, type UsageReader } from "./read-usage.ts";
import { startRollUp } from "./start-roll-up.ts";
import { readUsageHistory, rollUpUsage } from "./usage-history.ts";
import { dayOf } from "./usage-keys.ts";
import { createUsageRecorder } from "./usage-recorder.ts";

const logger = pino({ level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
const dayMs = 86_400_000;
const firstDay = "2026-11-01";
let stack: DataStack;
let redis: Redis;
let databaseUrl: string;
let nowMs = Date.parse(`${firstDay}T10:00:00Z`);
before(async () => {
  stack = await startDataStack();
  redis = createRedis({ url: stack.redisUrl, kind: "worker", logger, lifecycle }); // waits for its connection
  const { ownerUrl, primaryUrl } = stack.databaseUrls("tasks");
  databaseUrl = primaryUrl;
  await migrateGateway({ ownerUrl, logger });
  await migrateGateway({ ownerUrl, logger });
});
after(async () => {
  await lifecycle.stop("the tests are over");
  await stack.stop();
});

const document = parse('query Find { task(id: "tsk_1") { id } }');
const operation = { document, operation: document.definitions[0] as OperationDefinitionNode, generation: { id: "s1" } };

async function count(requests: number): Promise<void> {
  const recorder = createUsageRecorder({ store: redis, now: () => nowMs });
  for (let done = 0; done < requests; done += 1)
    recorder.record(operation, { clientName: "web", clientVersion: "1" }, done === 0);
  await recorder.flush();
}

const rollUp = (reader: UsageReader = redis) => rollUpUsage(reader, { databaseUrl }, nowMs);
const history = () => readUsageHistory({ databaseUrl }, "2020-01-01");
const requestsOf = (days: readonly RecordedDay[]) =>
  days.map(({ day, uses }) => [day, uses.reduce((sum, { requests }) => sum + requests, 0)]);

test("rolls a day up as often as asked, and has each request once, with its name and text", async () => {
  await count(3);
  assert.equal(await rollUp(), true);
  await rollUp(); // the answer to the first one may have been lost
  await count(2);
  await rollUp();
  const [day] = await history();
  const [use] = day!.uses;
  assert.deepEqual(
    { ...use, operation: "" },
    { supergraph: "s1", operation: "", client: "web", version: "1", requests: 5, errors: 2, lastSeenMs: nowMs },
  );
  assert.deepEqual(day!.texts.get(use!.operation), { name: "Find", text: 'query Find{task(id:""){id}}' });
});

test("one that dies in the middle has written nothing, and the next one writes all", async () => {
  nowMs += dayMs;
  await count(4);
  let hashes = 0;
  const dying: UsageReader = {
    hgetall(key) {
      hashes += 1;
      return hashes > 3 ? Promise.reject(new Error("killed")) : redis.hgetall(key);
    },
  };
  await assert.rejects(rollUp(dying), /killed/);
  assert.deepEqual(requestsOf(await history()), [[firstDay, 5]]);
  await rollUp();
  assert.deepEqual(requestsOf(await history()), [
    [firstDay, 5],
    ["2026-11-02", 4],
  ]);
});

test("of several gateways at once one works and none counts twice", async () => {
  await count(1);
  const outcomes = await Promise.all([rollUp(), rollUp(), rollUp()]);
  assert.ok(outcomes.includes(true));
  assert.deepEqual(requestsOf(await history()).at(-1), ["2026-11-02", 5]);
});

test("what Redis lost and counted anew is added to what was rolled up before", async () => {
  await redis.flushdb();
  await count(7);
  await rollUp();
  await rollUp();
  const days = (await history()).filter(({ day }) => day === "2026-11-02");
  assert.equal(days.length, 2, "a day for each life of the counts");
  assert.equal(
    requestsOf(days).reduce((sum, [, requests]) => sum + Number(requests), 0),
    12,
  );
});

test("Redis and Postgres together count each request once, also what is not rolled up yet", async () => {
  await count(1);
  const inRedis = await readUsageDay(redis, "2026-11-02");
  const days = mergeDays([...(await history()), inRedis!]).filter(({ day }) => day === "2026-11-02");
  assert.equal(
    requestsOf(days).reduce((sum, [, requests]) => sum + Number(requests), 0),
    13,
  );
});

test("days that nobody rolled up while Postgres was away are rolled up later; those of more than 400 days ago go", async () => {
  for (let days = 0; days < 3; days += 1) {
    nowMs += dayMs;
    await count(1);
  }
  await rollUp();
  assert.deepEqual(
    requestsOf(await history()).map(([day]) => day),
    [firstDay, "2026-11-02", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"],
  );
  nowMs += 400 * dayMs;
  await count(1);
  await rollUp();
  assert.equal((await history()).length, 1 + 1, "the day that is 400 days old, and today");
  const texts = await inOneTransaction({ url: databaseUrl, applicationName: "test", statementTimeoutMs: 1_000 }, (run) =>
    run("select operation from usage_operation"),
  );
  assert.equal(texts.length, 1);
});

test("a gateway rolls up by itself, and goes on when Postgres was away", async () => {
  await count(1);
  const own = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const before = (await history()).length;
  await redis.flushdb();
  nowMs = Date.now();
  await count(2);
  startRollUp({ redisUrl: stack.redisUrl, databaseUrl, intervalMs: 20, logger, lifecycle: own });
  while ((await history()).length === before) await new Promise((resolve) => setTimeout(resolve, 10));
  await stack.kill("postgres-primary");
  await count(3);
  await stack.restart("postgres-primary");
  const today = async () => requestsOf((await history()).filter(({ day }) => day === dayOf(nowMs)))[0]?.[1];
  while ((await today()) !== 5) await new Promise((resolve) => setTimeout(resolve, 10));
  await own.stop("the test is over");
});
