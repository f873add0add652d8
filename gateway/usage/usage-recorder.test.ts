import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "graphql";
import { readUsageHours, readUsageText } from "./read-usage.ts";
import { createUsageRecorder, type UsagePipeline } from "./usage-recorder.ts";

function createFakeRedis() {
  const hashes = new Map<string, Map<string, string>>();
  const state = { down: false, flushes: 0 };
  const hash = (key: string): Map<string, string> => {
    const found = hashes.get(key) ?? new Map<string, string>();
    hashes.set(key, found);
    return found;
  };
  const pipeline = (): UsagePipeline => {
    const work: (() => void)[] = [];
    return {
      hincrby: (key, field, by) => work.push(() => hash(key).set(field, String(Number(hash(key).get(field) ?? 0) + by))),
      hsetnx: (key, field, value) => work.push(() => hash(key).has(field) || hash(key).set(field, value)),
      expire: () => {},
      exec: async () => {
        if (state.down) throw new Error("away");
        state.flushes += 1;
        for (const one of work) one();
        return [];
      },
    };
  };
  const reader = {
    hgetall: async (key: string) => Object.fromEntries(hash(key)),
    hget: async (key: string, field: string) => hash(key).get(field) ?? null,
  };
  return { pipeline, reader, state };
}

const hour = "2026-11-22T10";
const now = (): number => Date.parse(`${hour}:30:00Z`);
const operation = {
  document: parse(`query Find($id: ID!) { task(id: $id, text: "secret words", first: 42, state: OPEN) { id } }`),
  operationName: "Find",
};

test("counts requests by operation, client and hour in one round trip", async () => {
  const redis = createFakeRedis();
  const recorder = createUsageRecorder({ store: redis, now });
  for (let count = 0; count < 3; count += 1) recorder.record(operation, { name: "ios app", version: "4.2" });
  recorder.record(operation, { name: null, version: null });
  await recorder.flush();
  const uses = await readUsageHours(redis.reader, [hour]);
  assert.deepEqual(
    uses.map(({ client, version, count }) => [client, version, count]),
    [
      ["ios_app", "4.2", 3],
      ["unknown", "unknown", 1],
    ],
  );
  assert.equal(redis.state.flushes, 1);
});

test("keeps no values: strings and numbers of the text are gone, names of the schema stay", async () => {
  const redis = createFakeRedis();
  const recorder = createUsageRecorder({ store: redis, now });
  recorder.record(operation, { name: "web", version: "1" });
  await recorder.flush();
  const [use] = await readUsageHours(redis.reader, [hour]);
  const found = await readUsageText(redis.reader, use!.hash);
  assert.equal(found?.text, 'query Find($id:ID!){task(id:$id text:"" first:0 state:OPEN){id}}');
});

test("counts again what Redis did not take, and drops what is beyond its bound", async () => {
  const redis = createFakeRedis();
  let dropped = 0;
  const recorder = createUsageRecorder({
    store: redis,
    now,
    maxEntries: 2,
    onDropped: () => {
      dropped += 1;
    },
  });
  for (const name of ["a", "b", "c"]) recorder.record(operation, { name, version: "1" });
  redis.state.down = true;
  await assert.rejects(recorder.flush());
  redis.state.down = false;
  recorder.record(operation, { name: "a", version: "1" });
  await recorder.flush();
  const uses = await readUsageHours(redis.reader, [hour]);
  assert.deepEqual(
    uses.map(({ client, count }) => [client, count]),
    [
      ["a", 2],
      ["b", 1],
    ],
  );
  assert.equal(dropped, 1);
});
