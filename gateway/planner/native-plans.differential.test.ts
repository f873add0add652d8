import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parse } from "graphql";
import { createExecutor } from "../engine/index.ts";
import { answer, type Case, randomCase } from "../engine/testing/compare.ts";
import { withUnusualOrder } from "../engine/testing/mock-faults.ts";
import { createMockWorld } from "../engine/testing/mock-subgraphs.ts";
import { randomSubgraphs } from "../engine/testing/random-subgraphs.ts";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { isolateNativeModule } from "./isolated-native-module.ts";
import { createNativePlanner, loadNativeModule } from "./native-planner.ts";

// Native plans ask for entities of several places at once, which Apollo's never do, and which the stock executor cannot run.
// Each seed is one operation, ten of them on one made-up supergraph. ENGINE_SEEDS=5000 for a long run.
const seeds = Number(process.env.ENGINE_SEEDS ?? 300);
const firstSeed = Number(process.env.ENGINE_FIRST_SEED ?? 1);
const perSupergraph = 10;
const options = { skip: loadNativeModule() ? false : "no binary for this platform" };

test(
  "runs native plans of made-up supergraphs to the data of one server, compiled and interpreted to the same bytes",
  options,
  async () => {
    const engine = createExecutor({ compileAfterRuns: 0 });
    const plain = createExecutor({ compileAfterRuns: Number.POSITIVE_INFINITY });
    const planner = createNativePlanner({ module: isolateNativeModule({ maxLosses: seeds }) }); // some operations make it panic
    let compared = 0;
    let batched = 0;
    const different: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + seeds / perSupergraph; seed++) {
      const subgraphs = randomSubgraphs(seed);
      const supergraph = await createTestSupergraph(subgraphs).catch(() => undefined);
      if (!supergraph || !planner.serves(supergraph.generation)) continue;
      const world = createMockWorld(subgraphs, { nullEvery: seed % 2 === 0 ? 9 : 0, failEvery: 0, hidesInaccessible: true });
      for (let index = 1; index <= perSupergraph; index++) {
        const found = randomCase(supergraph, seed * 1_000 + index, "query");
        const request = found && { generation: supergraph.generation, document: found.query, operationName: undefined };
        const plan = request && (await planner.plan(request).catch(() => undefined));
        if (!plan) continue;
        const native: Case = { ...found, plan };
        const name = `seed ${found.seed}: ${found.query} ${JSON.stringify(found.variables)}`;
        const expected = await world.monolith(supergraph.generation.supergraphSchema, parse(found.query), found.variables);
        const { body, data } = await answer(engine, supergraph, world, native);
        assert.equal((await answer(plain, supergraph, world, native)).body, body, name);
        const late = await answer(engine, supergraph, world, native, withUnusualOrder(world.fetch, found.seed));
        assert.deepEqual(late.data, data, name);
        compared += 1;
        if (JSON.stringify(plan).includes('"BatchFetch"')) batched += 1;
        const isSame = isDeepStrictEqual(data, JSON.parse(JSON.stringify(expected.data)));
        if (!expected.errors && !isSame) different.push(name); // an interface may have no type that all subgraphs know
      }
    }
    assert.deepEqual(different, []);
    assert.ok(compared > seeds / 10 && batched > 0, `${compared} compared, ${batched} of them ask for several places at once`);
  },
);
