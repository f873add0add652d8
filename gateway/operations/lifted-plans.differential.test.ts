import assert from "node:assert/strict";
import { test } from "node:test";
import { createExecutor, type ExecutableOperation, type QueryPlan, type SubgraphCall } from "../engine/index.ts";
import { answer, type Case, randomCase } from "../engine/testing/compare.ts";
import { createMockWorld, type MockWorld } from "../engine/testing/mock-subgraphs.ts";
import { createTestSupergraph, type TestSupergraph } from "../engine/testing/test-supergraph.ts";
import { tortureSubgraphs } from "../engine/testing/torture-subgraphs.ts";
import { createNativePlanner, loadNativeModule } from "../planner/index.ts";
import { readSupergraphSources } from "../supergraph/supergraph-config.ts";
import { createShapes } from "./operation-shape.ts";

// Each seed is one operation. ENGINE_SEEDS=20000 for a long run, ENGINE_FIRST_SEED to repeat one that failed.
const seeds = Number(process.env.ENGINE_SEEDS ?? 150);
const firstSeed = Number(process.env.ENGINE_FIRST_SEED ?? 1);
const productConfig = new URL("../../supergraph.yaml", import.meta.url).pathname;
const productSubgraphs = Object.fromEntries(
  (await readSupergraphSources(productConfig, () => {})).map(({ name, sdl }) => [name, sdl]),
);
const torture = await createTestSupergraph(tortureSubgraphs);
const product = await createTestSupergraph(productSubgraphs);
const module = loadNativeModule();
const native = module && createNativePlanner({ module });

type Plan = (supergraph: TestSupergraph, document: string) => Promise<QueryPlan | undefined>;
const apolloPlan: Plan = async (supergraph, document) => supergraph.plan(document);
const nativePlan: Plan = async ({ generation }, document) =>
  native?.plan({ generation, document, operationName: undefined }).catch(() => undefined);

for (const [title, subgraphs, supergraph, plan, share] of [
  ["Apollo's plans of a supergraph that needs everything", tortureSubgraphs, torture, apolloPlan, 1],
  ["Apollo's plans of the product", productSubgraphs, product, apolloPlan, 0.5],
  ["native plans of the product", productSubgraphs, product, native ? nativePlan : apolloPlan, 1],
] as const) {
  test(`gives the same answer with and without literals lifted: ${title}`, async () => {
    const world = createMockWorld(subgraphs, { nullEvery: 9, failEvery: 0 });
    let lifted = 0;
    for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds * share); seed++) {
      const kind = seed % 5 === 0 ? "subscription" : seed % 5 === 1 ? "mutation" : "query";
      const found = randomCase(supergraph, seed, kind);
      const asWritten = found && (await plan(supergraph, found.query));
      if (!asWritten) continue;
      const expected = await answer(createExecutor({ compileAfterRuns: 0 }), supergraph, world, { ...found, plan: asWritten });
      const actual = await answerLifted(supergraph, plan, world, found);
      assert.deepEqual(actual.data, expected.data, `seed ${seed}: ${found.query}\n${actual.text}`);
      assert.equal(actual.calls, expected.calls.length, `seed ${seed}: calls`);
      if (actual.isLifted) lifted += 1;
    }
    assert.ok(lifted > seeds / 20, `only ${lifted} had literals`);
  });
}

/** As `answer`, but of the operation's shape with the values of its literals. */
async function answerLifted(supergraph: TestSupergraph, planOf: Plan, world: MockWorld, { query, variables }: Case) {
  const { generation } = supergraph;
  const record = supergraph.operation(query) as ExecutableOperation;
  const planner = { plan: async ({ document }: { document: string }) => (await planOf(supergraph, document))! };
  const shapeOf = createShapes({ planner, maxShapes: 1, maxWeight: 1_000_000 });
  const { shape, lifted } = shapeOf(generation, record.operation, record.fragments);
  const plan = await shape.plan();
  assert.ok(plan, `not planned: ${shape.text}`);
  let calls = 0;
  const fetch = (call: SubgraphCall) => {
    calls += 1;
    return world.fetch(call);
  };
  const values = { no: false, ...variables, ...lifted };
  const request = { record: shape, plan, variables: values, fetch, signal: new AbortController().signal };
  const executor = createExecutor({ compileAfterRuns: 0 });
  const primary = plan.node?.kind === "Subscription" ? plan.node.primary : undefined;
  const body = JSON.stringify({ variables: values });
  const outcome = primary
    ? await executor.executeEvent({
        ...request,
        event: await world.firstEvent({
          subgraph: primary.serviceName,
          kind: "subscription",
          query: primary.operation,
          body,
        }),
      })
    : await executor.execute(request);
  const { data } = JSON.parse(outcome.body) as { data: unknown };
  return { data, calls, text: shape.text, isLifted: Object.keys(lifted).length > 0 };
}
