import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type GraphQLFormattedError, parse } from "graphql";
import { createApolloExecutor } from "./apollo-executor.ts";
import { createExecutor } from "./graph-executor.ts";
import { answer, type Case, randomCase } from "./testing/compare.ts";
import { withFailedCalls, withUnusualOrder, withUnusualTexts } from "./testing/mock-faults.ts";
import { createMockWorld, type MockWorld } from "./testing/mock-subgraphs.ts";
import type { MockOptions } from "./testing/mock-world.ts";
import { randomSubgraphs } from "./testing/random-subgraphs.ts";
import { hasStockFault } from "./testing/stock-faults.ts";
import { createTestSupergraph, type TestSupergraph } from "./testing/test-supergraph.ts";

// Each seed is one operation, fifteen of them on one made-up supergraph. ENGINE_SEEDS=5000 for a long run,
// ENGINE_FIRST_SEED to begin with another supergraph.
const seeds = Number(process.env.ENGINE_SEEDS ?? 300);
const firstSeed = Number(process.env.ENGINE_FIRST_SEED ?? 1);
const perSupergraph = 15;
const supergraphCount = Math.ceil((seeds * 0.45) / perSupergraph);

const stock = createApolloExecutor();
const engine = createExecutor({ compileAfterRuns: 0 });
const plain = createExecutor({ compileAfterRuns: Number.POSITIVE_INFINITY });

interface Made {
  readonly seed: number;
  readonly supergraph: TestSupergraph;
  readonly cases: readonly Case[];
  world(options: MockOptions): MockWorld;
}

/** Made-up supergraphs and operations on them; a few sets of subgraphs do not compose. */
const made: Made[] = [];
for (let seed = firstSeed; seed < firstSeed + supergraphCount; seed++) {
  const subgraphs = randomSubgraphs(seed);
  const supergraph = await createTestSupergraph(subgraphs).catch(() => undefined);
  if (!supergraph) continue;
  const cases: Case[] = [];
  for (let index = 1; index <= perSupergraph; index++) {
    const kind = index % 12 === 0 ? "subscription" : index % 6 === 0 ? "mutation" : "query";
    const found = randomCase(supergraph, seed * 1_000 + index, kind);
    if (found) cases.push(found);
  }
  made.push({ seed, supergraph, cases, world: (options) => createMockWorld(subgraphs, options) });
}
const caseCount = made.reduce((sum, { cases }) => sum + cases.length, 0);

const plainData = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

async function onOneServer({ supergraph }: Made, world: MockWorld, { query, variables }: Case) {
  const { data, errors = [] } = await world.monolith(supergraph.generation.supergraphSchema, parse(query), variables);
  return { data: plainData(data), errors: plainData(errors) as GraphQLFormattedError[] };
}

const maxErrors = 200; // the engine tells of no more

const placeOf = ({ message, path }: GraphQLFormattedError): string => `${path?.join(".")}: ${message}`;

const name = ({ seed, query, variables }: Case): string => `seed ${seed}: ${query} ${JSON.stringify(variables)}`;

test("nearly all made-up subgraphs compose, and their operations are valid", () => {
  assert.ok(made.length > supergraphCount * 0.8, `${made.length} of ${supergraphCount}`);
  assert.ok(caseCount > made.length * perSupergraph * 0.8, `${caseCount} operations`);
});

test("gives the data that one server with all resolvers gives", async () => {
  let misplanned = 0;
  for (const each of made) {
    const world = each.world({ nullEvery: each.seed % 2 === 0 ? 9 : 0, failEvery: 0, hidesInaccessible: true });
    for (const found of each.cases) {
      const expected = await onOneServer(each, world, found);
      if (expected.errors.length > 0) continue; // an interface that no type implements in all subgraphs that know it
      const actual = await answer(engine, each.supergraph, world, found);
      if (isDeepStrictEqual(actual.data, expected.data) && actual.errors.length === 0) continue;
      // Else the plan is at fault: run by the stock executor it leads to the same.
      misplanned += 1;
      const { data } = await answer(stock, each.supergraph, world, found);
      assert.deepEqual(actual.data, data, name(found));
    }
  }
  assert.ok(misplanned <= caseCount * 0.01, `${misplanned} plans of ${caseCount} lead to other data`);
});

test("gives the same bytes compiled, interpreted, and from replies that no decoder expects or that come in another order", async () => {
  for (const each of made) {
    const world = each.world({ nullEvery: 9, failEvery: each.seed % 2 === 0 ? 30 : 0 });
    for (const found of each.cases) {
      const { body } = await answer(engine, each.supergraph, world, found);
      assert.equal((await answer(plain, each.supergraph, world, found)).body, body, name(found));
      const unusual = await answer(engine, each.supergraph, world, found, withUnusualTexts(world.answer));
      assert.equal(unusual.body, body, name(found));
      for (const executor of [engine, plain]) {
        const late = await answer(executor, each.supergraph, world, found, withUnusualOrder(world.fetch, found.seed));
        assert.deepEqual(late.data, unusual.data, name(found));
      }
    }
  }
});

test("puts the error of a field where one server would", async () => {
  let located = 0;
  for (const each of made) {
    const world = each.world({ nullEvery: 9, failEvery: 30, hidesInaccessible: true });
    for (const found of each.cases) {
      const expected = await onOneServer(each, world, found);
      const actual = await answer(engine, each.supergraph, world, found);
      if (!isDeepStrictEqual(actual.data, expected.data)) continue; // a field that another needs failed
      const places = new Set(actual.errors.map(placeOf));
      for (const error of expected.errors) {
        const { path } = error;
        if (!path || !holds(actual.data, path.slice(0, -1))) continue; // lost with its parent, which another error explains
        // A subgraph for which the field may not be null loses the whole entity, and tells one of the field's names.
        const isSame = ({ message, path: other }: GraphQLFormattedError): boolean =>
          message === error.message && isDeepStrictEqual(other?.slice(0, -1), path.slice(0, -1));
        const names = expected.errors.filter(isSame).map(placeOf);
        assert.ok(
          names.some((place) => places.has(place)),
          `${name(found)}: ${placeOf(error)}\n${actual.body}`,
        );
        located += 1;
      }
    }
  }
  assert.ok(located > 0);
});

test("loses what the stock executor loses when calls fail, and says why", async () => {
  let failures = 0;
  for (const each of made) {
    const world = each.world({ nullEvery: 9, failEvery: 0, hidesInaccessible: true });
    for (const found of each.cases) {
      const ask = withFailedCalls(world.answer, each.seed, 4);
      // Which calls are made after one has failed depends on what else has come by then: those that were made are told.
      const failed = new Set<string>();
      const actual = await answer(engine, each.supergraph, world, found, async (call) => {
        const reply = await ask(call);
        for (const { message } of reply.errors ?? []) failed.add(message);
        return reply;
      });
      const expected = await answer(stock, each.supergraph, world, found, ask);
      if (!hasStockFault(actual.data)) assert.deepEqual(actual.data, expected.data, name(found));
      const told = new Set(actual.errors.map(({ message }) => message));
      const isCut = actual.errors.length >= maxErrors;
      for (const message of failed) assert.ok(isCut || told.has(message), `${name(found)}: ${message} is not told`);
      failures += failed.size;
    }
  }
  assert.ok(failures > 0);
});

/** True when an object or a list stands at a path. */
const holds = (data: unknown, path: readonly (string | number)[]): boolean => {
  let value = data;
  for (const element of path) value = (value as Record<string | number, unknown> | null | undefined)?.[element];
  return value !== null && value !== undefined;
};
