import assert from "node:assert/strict";
import { test } from "node:test";
import { readSupergraphSources } from "../supergraph/supergraph-config.ts";
import { createApolloExecutor } from "./apollo-executor.ts";
import { createExecutor } from "./graph-executor.ts";
import { answer, randomCase } from "./testing/compare.ts";
import { withUnusualOrder } from "./testing/mock-faults.ts";
import { createMockWorld } from "./testing/mock-subgraphs.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";
import { tortureSubgraphs } from "./testing/torture-subgraphs.ts";

// Each seed is one operation. ENGINE_SEEDS=20000 for a long run, ENGINE_FIRST_SEED to repeat one that failed.
const seeds = Number(process.env.ENGINE_SEEDS ?? 300);
const firstSeed = Number(process.env.ENGINE_FIRST_SEED ?? 1);

const productConfig = new URL("../../supergraph.yaml", import.meta.url).pathname;
const productSubgraphs = Object.fromEntries(
  (await readSupergraphSources(productConfig, () => {})).map(({ name, sdl }) => [name, sdl]),
);

const torture = await createTestSupergraph(tortureSubgraphs);
const stock = createApolloExecutor();
const engine = createExecutor({ compileAfterRuns: 0 });
const plain = createExecutor({ compileAfterRuns: Number.POSITIVE_INFINITY });

const product = await createTestSupergraph(productSubgraphs);

for (const [title, subgraphs, supergraph, kind, share] of [
  ["queries of a supergraph that needs everything", tortureSubgraphs, torture, "query", 0.15],
  ["mutations of it", tortureSubgraphs, torture, "mutation", 0.05],
  ["subscription events of it", tortureSubgraphs, torture, "subscription", 0.05],
  ["queries of the product", productSubgraphs, product, "query", 0.1],
  ["mutations of the product", productSubgraphs, product, "mutation", 0.05],
  ["subscription events of the product", productSubgraphs, product, "subscription", 0.05],
] as const) {
  test(`gives the data of Apollo's executor for random ${title}`, async () => {
    const world = createMockWorld(subgraphs, { nullEvery: 9, failEvery: 0 });
    let compared = 0;
    for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds * share); seed++) {
      const found = randomCase(supergraph, seed, kind);
      if (!found) continue;
      const expected = await answer(stock, supergraph, world, found);
      const actual = await answer(engine, supergraph, world, found);
      assert.deepEqual(actual.data, expected.data, `seed ${seed}: ${found.query} ${JSON.stringify(found.variables)}`);
      assert.ok(
        actual.calls.length <= expected.calls.length,
        `seed ${seed}: ${actual.calls.length} calls, not ${expected.calls.length}`,
      );
      const interpreted = await answer(plain, supergraph, world, found);
      assert.equal(actual.body, interpreted.body, `seed ${seed}: compiled and interpreted differ`);
      for (const executor of [engine, plain]) {
        const late = await answer(executor, supergraph, world, found, withUnusualOrder(world.fetch, seed));
        assert.deepEqual(late.data, actual.data, `seed ${seed}: answers that come in another order`);
      }
      compared += 1;
    }
    assert.ok(compared > 0);
  });
}

test("gives the data of Apollo's executor when fields of subgraphs fail, and every error leads to a null", async () => {
  const world = createMockWorld(tortureSubgraphs, { nullEvery: 9, failEvery: 25 });
  let located = 0;
  for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds * 0.1); seed++) {
    const found = randomCase(torture, seed, "query");
    if (!found) continue;
    const expected = await answer(stock, torture, world, found);
    const actual = await answer(engine, torture, world, found);
    assert.deepEqual(actual.data, expected.data, `seed ${seed}: ${found.query} ${JSON.stringify(found.variables)}`);
    assert.equal(actual.body, (await answer(plain, torture, world, found)).body, `seed ${seed}: compiled and interpreted differ`);
    const told = new Set(actual.errors.map(({ message }) => message));
    for (const { message } of expected.errors) assert.ok(told.has(message), `seed ${seed}: ${message} is not told`);
    for (const { path, message } of actual.errors) {
      assert.ok(path && endsAtNull(actual.data, path), `seed ${seed}: ${message} at ${path?.join(".")}: ${actual.body}`);
      located += 1;
    }
  }
  assert.ok(located > 0);
});

/** True when a path leads to a null, or to a field that the response does not ask for. */
function endsAtNull(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data;
  for (const element of path) {
    if (value === null || value === undefined) return true;
    value = (value as Record<string | number, unknown>)[element];
  }
  return value === null || value === undefined;
}
