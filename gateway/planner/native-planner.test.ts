import assert from "node:assert/strict";
import { test } from "node:test";
import { createApolloExecutor } from "../engine/apollo-executor.ts";
import { createExecutor } from "../engine/graph-executor.ts";
import { answer, randomCase } from "../engine/testing/compare.ts";
import { createMockWorld } from "../engine/testing/mock-subgraphs.ts";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { tortureSubgraphs } from "../engine/testing/torture-subgraphs.ts";
import { readSupergraphSources } from "../supergraph/supergraph-config.ts";
import { createNativePlanner, loadNativeModule } from "./native-planner.ts";
import { PlanningError } from "./planning-error.ts";
import { createPreferredPlanner } from "./preferred-planner.ts";

const seeds = Number(process.env.ENGINE_SEEDS ?? 150);
const productConfig = new URL("../../supergraph.yaml", import.meta.url).pathname;
const subgraphs = Object.fromEntries((await readSupergraphSources(productConfig, () => {})).map(({ name, sdl }) => [name, sdl]));
const module = loadNativeModule();
const options = { skip: module ? false : "no binary for this platform" };

test("plans the product's operations to the data that Apollo's planner leads to", options, async () => {
  assert.ok(module);
  const supergraph = await createTestSupergraph(subgraphs);
  const planner = createNativePlanner({ module });
  assert.ok(planner.serves(supergraph.generation));
  const world = createMockWorld(subgraphs, { nullEvery: 9, failEvery: 0 });
  const engine = createExecutor({ compileAfterRuns: 0 });
  let refused = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const found = randomCase(supergraph, seed, seed % 5 === 0 ? "subscription" : seed % 5 === 1 ? "mutation" : "query");
    if (!found) continue;
    const request = { generation: supergraph.generation, document: found.query, operationName: undefined };
    const plan = await planner.plan(request).catch((error: unknown) => {
      assert.ok(error instanceof PlanningError);
      return undefined;
    });
    if (!plan) refused += 1;
    else {
      const expected = await answer(createApolloExecutor(), supergraph, world, found);
      const actual = await answer(engine, supergraph, world, { ...found, plan });
      assert.deepEqual(actual.data, expected.data, `seed ${seed}: ${found.query}`);
    }
  }
  assert.ok(refused < seeds / 10, `${refused} refused`);
});

test("leaves supergraphs with interface objects, and what it refuses, to the general planner", options, async () => {
  assert.ok(module);
  const native = createNativePlanner({ module });
  const torture = await createTestSupergraph(tortureSubgraphs);
  assert.equal(native.serves(torture.generation), false);
  const reasons: string[] = [];
  const general = { plan: async () => ({ kind: "QueryPlan" }) as const };
  const planner = createPreferredPlanner({ preferred: native, general, onFallback: ({ reason }) => reasons.push(reason) });
  const { generation } = await createTestSupergraph(subgraphs);
  await planner.plan({ generation, document: "{ nobody }", operationName: undefined });
  assert.deepEqual(reasons, ["refused"]);
  assert.ok((await planner.plan({ generation, document: "{ viewer { id } }", operationName: undefined })).node);
});

test("an operation that the native planner throws at takes nobody's turn", async () => {
  class QueryPlanner {
    planAsync = (document: string) => {
      if (document === "{ bad }") throw new Error("no");
      return Promise.resolve({ kind: "QueryPlan" as const });
    };
  }
  const planner = createNativePlanner({ module: { QueryPlanner }, maxRunning: 1, maxWaiting: 0 });
  const { generation } = await createTestSupergraph({ a: "type Query { a: Int }" });
  for (let times = 0; times < 2; times++) {
    await assert.rejects(planner.plan({ generation, document: "{ bad }", operationName: undefined }), { reason: "refused" });
  }
  assert.equal((await planner.plan({ generation, document: "{ a }", operationName: undefined })).kind, "QueryPlan");
});

test("serves nobody while all its threads are kept by plans that were given up", async () => {
  const stuck = Promise.withResolvers<never>();
  class QueryPlanner {
    planAsync = () => stuck.promise;
  }
  const native = createNativePlanner({ module: { QueryPlanner }, maxRunning: 1, timeoutMs: 1 });
  const { generation } = await createTestSupergraph(subgraphs);
  const request = { generation, document: "{ viewer { id } }", operationName: undefined };
  const general = { plan: async () => ({ kind: "QueryPlan" }) as const };
  const planner = createPreferredPlanner({
    preferred: native,
    general,
    onFallback: ({ reason }) => assert.equal(reason, "timeout"),
  });
  await planner.plan(request);
  assert.equal(native.serves(generation), false);
  stuck.reject(new Error("ended after all"));
  await assert.rejects(stuck.promise);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(native.serves(generation), true);
});
