import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createExecutor } from "./graph-executor.ts";
import type { SubgraphCall, SubgraphReply } from "./index.ts";
import { splitDeferred } from "./split-deferred.ts";
import { type DeliveredPart, mergeParts } from "./testing/merge-parts.ts";
import { createMockWorld } from "./testing/mock-subgraphs.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";
import { tortureSubgraphs } from "./testing/torture-subgraphs.ts";

const torture = await createTestSupergraph(tortureSubgraphs);
const world = createMockWorld(tortureSubgraphs, { nullEvery: 0, failEvery: 0, listLength: 3 });

type Fetch = (call: SubgraphCall) => Promise<SubgraphReply>;

/** Executes a query in parts; the second argument answers in place of the subgraphs. */
function start(query: string, fetch: Fetch = world.fetch, { compileAfterRuns = 0, supergraph = torture } = {}) {
  const record = supergraph.operation(query);
  assert.ok("operation" in record, String(record));
  const split = splitDeferred(record, {});
  assert.ok(split);
  const controller = new AbortController();
  const calls: SubgraphCall[] = [];
  const parts = createExecutor({ compileAfterRuns }).executeIncrementally({
    record: split,
    plan: supergraph.plan(split.document),
    variables: {},
    fetch: (call) => {
      calls.push(call);
      return fetch(call);
    },
    signal: controller.signal,
    failure: (reason) => ({ message: `told: ${(reason as Error).message}` }),
  });
  const next = async (): Promise<DeliveredPart> => JSON.parse((await parts.next()).value?.body ?? "null") as DeliveredPart;
  const all = () => Array.fromAsync(parts, ({ body }) => JSON.parse(body) as DeliveredPart);
  return { calls, controller, next, all };
}

test("a deferred fetch starts when what it needs is there, although the first part waits for more", async () => {
  const held = Promise.withResolvers<void>();
  const { calls, next } = start("{ me { id parcels { id } ... @defer { karma } } }", async (call) => {
    if (call.subgraph === "shipping") await held.promise;
    return world.fetch(call);
  });
  const first = next();
  while (calls.length < 3) await nextTurn();
  assert.deepEqual(calls.map(({ subgraph }) => subgraph).sort(), ["accounts", "reviews", "shipping"]);
  held.resolve();
  assert.deepEqual(Object.keys((await first).data as object), ["me"]);
  assert.equal((await next()).hasNext, false);
});

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const orders = await createTestSupergraph({
  shop: `${link} type Query { first: Order } type Mutation { add: Order } type Order @key(fields: "id") { id: ID! }`,
  people: `${link} type Mutation { greet: String }`,
  post: `${link} type Order @key(fields: "id") { id: ID! depot: String }`,
});

test("what is deferred under a mutation is read after all of it has written", async () => {
  const held = Promise.withResolvers<void>();
  const answers: Readonly<Record<string, SubgraphReply>> = {
    shop: { data: { add: { __typename: "Order", id: "1" } } },
    people: { data: { greet: "hello" } },
    post: { data: { _entities: [{ depot: "north" }] } },
  };
  const query = "mutation { add { ... @defer { depot } } greet }";
  const { calls, next } = start(
    query,
    async ({ subgraph }) => {
      if (subgraph === "people") await held.promise;
      return answers[subgraph]!;
    },
    { supergraph: orders },
  );
  const first = next();
  while (calls.length < 2) await nextTurn();
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.deepEqual(
    calls.map(({ subgraph }) => subgraph),
    ["shop", "people"],
  );
  held.resolve();
  assert.deepEqual(await first, { data: { add: {}, greet: "hello" }, hasNext: true });
  assert.deepEqual(await next(), { incremental: [{ path: ["add"], data: { depot: "north" } }], hasNext: false });
});

test("where an object's type is fetched with the fragment, it is delivered to objects of that type", async () => {
  const query = (defer: string): string =>
    `{ latest(n: 5) { id ... ${defer} { about { ... ${defer} { ... on Book ${defer} { pages inStock } } } } } }`;
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const parts = await start(query("@defer"), world.fetch, { compileAfterRuns }).all();
    const record = torture.operation(query(""));
    assert.ok("operation" in record);
    const { body } = await createExecutor().execute({
      record,
      plan: torture.plan(query("")),
      variables: {},
      fetch: world.fetch,
      signal: new AbortController().signal,
    });
    const { data } = JSON.parse(body) as { data: { latest: { about: object | null }[] } };
    assert.deepEqual(mergeParts(parts).data, data);
    const isBook = data.latest.map(({ about }) => about !== null && "pages" in about);
    assert.ok(isBook.includes(true) && isBook.includes(false), "some are films");
    const delivered = parts.flatMap(({ incremental = [] }) =>
      incremental.flatMap(({ path, data }) => (Object.hasOwn(data as object, "pages") ? [path[1]] : [])),
    );
    assert.deepEqual(
      delivered,
      isBook.flatMap((is, index) => (is ? [index] : [])),
    );
  }
});

test("parts beside each other do not see what was fetched for the other", async () => {
  for (const [failing, other] of [
    ["id", "body"],
    ["body", "id"],
  ] as const) {
    const hasFailed = Promise.withResolvers<void>();
    const { all } = start(
      '{ me { id ... @defer(label: "id") { reviews { id } } ... @defer(label: "body") { reviews { body } } } }',
      async (call) => {
        if (!call.query.includes("reviews")) return world.fetch(call);
        if (call.query.includes(`{${failing}}`)) {
          setImmediate(hasFailed.resolve);
          return { data: { _entities: [{ reviews: null }] }, errors: [{ message: "no", path: ["_entities", 0, "reviews"] }] };
        }
        await hasFailed.promise;
        return world.fetch(call);
      },
    );
    const incremental = (await all()).flatMap((part) => part.incremental ?? []);
    const failed = incremental.find(({ label }) => label === failing);
    assert.deepEqual(failed?.data, { reviews: null });
    assert.deepEqual(
      failed?.errors?.map(({ path }) => path),
      [["me", "reviews"]],
    );
    const whole = incremental.find(({ label }) => label === other);
    assert.ok(whole);
    assert.equal((whole.data as { reviews: unknown[] }).reviews?.length, 3);
    assert.equal(whole.errors, undefined);
  }
});

test("before the first part the signal's reason is thrown, after it what is missing is told", async () => {
  const fetch: Fetch = (call) => (call.subgraph === "reviews" ? new Promise(() => {}) : world.fetch(call));
  const early = start("{ me { id ... @defer { karma } } }", () => Promise.reject(new Error("over")));
  await assert.rejects(early.next(), { message: "over" });
  const aborted = start("{ me { id ... @defer { karma } } }", fetch);
  aborted.controller.abort(new Error("gone"));
  await assert.rejects(aborted.next(), { message: "gone" });

  const lost = Promise.withResolvers<never>();
  const late = start("{ me { id ... @defer { karma } } }", (call) =>
    call.subgraph === "reviews" ? lost.promise : world.fetch(call),
  );
  assert.equal((await late.next()).hasNext, true);
  lost.reject(new Error("over"));
  const { incremental, hasNext } = await late.next();
  assert.equal(hasNext, false);
  assert.deepEqual(incremental, [{ path: ["me"], data: null, errors: [{ message: "told: over", path: ["me"] }] }]);
});

test("where a fragment's fields were fetched early, a value of the wrong kind among them is told with its part", async () => {
  const supergraph = await createTestSupergraph({
    shop: `${link} type Query { box: Box } type Box { id: ID! owner: Owner item: Item } type Owner { name: String }
      type Item @key(fields: "id") { id: ID! }`,
    post: `${link} type Item @key(fields: "id") { id: ID! stock: Int }`,
  });
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const fetch: Fetch = async ({ subgraph }) =>
      subgraph === "shop"
        ? { data: { box: { id: "1", owner: "text", item: { __typename: "Item", id: "2" } } } }
        : { data: { _entities: [{ stock: 3 }] } };
    const query = "{ box { id ... @defer { owner { name } item { stock } } } }";
    const { data, errors } = mergeParts(await start(query, fetch, { compileAfterRuns, supergraph }).all());
    assert.deepEqual(data, { box: { id: "1", owner: null, item: { stock: 3 } } });
    assert.deepEqual(
      errors.map(({ path }) => path?.join(".")),
      ["box.owner"],
    );
  }
});
