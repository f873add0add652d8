import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createRedis } from "@tributary/platform/redis";
import { buildSchema } from "graphql";
import { pino } from "pino";
import { generationOf } from "../supergraph/testing/generation-of.ts";
import { createPlanCodec, createRedisPlanStore, createStoredPlanner, type QueryPlan } from "./index.ts";

const stack = await startDataStack({ withPostgres: false });
const logger = pino({ level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 2_000, logger });
after(async () => {
  await lifecycle.stop("test");
  await stack.stop();
});

const schema = buildSchema("type Query { a: Int }");
const generation = generationOf(schema, "one", new Map([["things", { name: "things", url: "" }]]));
const made: QueryPlan = {
  kind: "QueryPlan",
  node: { kind: "Fetch", serviceName: "things", operation: `{ ${"a ".repeat(2_000)}}`, operationKind: "query" },
};

/** One gateway process with a connection of its own. */
async function startProcess() {
  const redis = createRedis({ url: stack.redisUrl, kind: "cache", logger, lifecycle });
  await until(() => redis.status === "ready");
  let planned = 0;
  const planner = createStoredPlanner({
    planner: {
      plan: async () => {
        planned += 1;
        return made;
      },
    },
    plannerVersion: "planner 1",
    store: createRedisPlanStore(redis),
    codec: createPlanCodec("secret"),
  });
  return {
    redis,
    plan: (document: string) => planner.plan({ generation, document, operationName: undefined }),
    count: () => planned,
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("a process that starts finds the plans of the others in Redis, for some days, and plans itself when Redis is gone", async () => {
  const first = await startProcess();
  assert.deepEqual(await first.plan("{ a }"), made);
  await until(async () => (await first.redis.keys("plan:one:*")).length === 1);
  const [key = ""] = await first.redis.keys("plan:one:*");
  assert.ok((await first.redis.ttl(key)) > 86_400);
  assert.ok((await first.redis.strlen(key)) < 500, "compressed");

  const second = await startProcess();
  assert.deepEqual(await second.plan("{ a }"), made);
  assert.equal(second.count(), 0);

  await first.redis.set(key, "something else");
  assert.deepEqual(await second.plan("{ a }"), made);
  assert.equal(second.count(), 1);

  await stack.kill("redis");
  await until(() => second.redis.status !== "ready");
  assert.deepEqual(await second.plan("{ a }"), made);
  assert.deepEqual(await second.plan("{ b: a }"), made);
  assert.equal(second.count(), 3);
});
