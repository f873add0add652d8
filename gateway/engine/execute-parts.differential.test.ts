import assert from "node:assert/strict";
import { test } from "node:test";
import { type GraphQLFormattedError, getVariableValues } from "graphql";
import { createExecutor } from "./graph-executor.ts";
import type { QueryPlan } from "./index.ts";
import { splitDeferred } from "./split-deferred.ts";
import { answer, type Case, randomCase } from "./testing/compare.ts";
import { type DeliveredPart, mergeParts } from "./testing/merge-parts.ts";
import { createMockWorld, type MockWorld } from "./testing/mock-subgraphs.ts";
import { placeDefers } from "./testing/place-defers.ts";
import { createRandom } from "./testing/random-operation.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";
import { tortureSubgraphs } from "./testing/torture-subgraphs.ts";

// Each seed is one operation with `@defer` at random places, as in graph-executor.differential.test.ts.
const seeds = Number(process.env.ENGINE_SEEDS ?? 60);
const firstSeed = Number(process.env.ENGINE_FIRST_SEED ?? 1);

const torture = await createTestSupergraph(tortureSubgraphs);
const engine = createExecutor({ compileAfterRuns: 0 });
const plain = createExecutor({ compileAfterRuns: Number.POSITIVE_INFINITY });

/** Apollo's planner trips over some orders of deferred fetches; such operations are answered whole. */
function planOf(document: string): QueryPlan | undefined {
  try {
    return torture.plan(document);
  } catch (error) {
    assert.match(String(error), /cannot have a top-level deferRef/);
    refused += 1;
    return undefined;
  }
}
let refused = 0;

/** The parts of a case with defers; undefined where nothing is deferred. */
async function deliver(executor: typeof engine, world: MockWorld, { query, variables }: Pick<Case, "query" | "variables">) {
  const record = torture.operation(query);
  if (!("operation" in record)) throw new Error(record.join());
  const { coerced } = getVariableValues(torture.generation.apiSchema, record.operation.variableDefinitions ?? [], variables);
  const split = splitDeferred(record, coerced ?? {});
  if (!split || !coerced) return undefined;
  const plan = planOf(split.document);
  if (!plan) return undefined;
  const parts = executor.executeIncrementally({
    record: split,
    plan,
    variables: coerced,
    fetch: (call) => world.fetch(call),
    signal: new AbortController().signal,
    failure: () => ({ message: "failed" }),
  });
  const bodies: string[] = [];
  for await (const { body } of parts) bodies.push(body);
  return { bodies, ...mergeParts(bodies.map((body) => JSON.parse(body) as DeliveredPart)) };
}

const summary = (errors: readonly GraphQLFormattedError[]): readonly string[] =>
  [...new Set(errors.map(({ message, path }) => `${path?.join(".")}: ${message}`))].sort();

for (const [kind, share] of [
  ["query", 1],
  ["mutation", 0.4],
] as const) {
  test(`the parts of a random ${kind} make up the answer it has without @defer`, async () => {
    const world = createMockWorld(tortureSubgraphs, { nullEvery: 9, failEvery: 0 });
    let compared = 0;
    let delivered = 0;
    for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds * share); seed++) {
      const found = randomCase(torture, seed, kind);
      if (!found) continue;
      const query = placeDefers(torture.generation.apiSchema, found.query, createRandom(seed));
      const told = `seed ${seed}: ${query} ${JSON.stringify(found.variables)}`;
      const compiled = await deliver(engine, world, { ...found, query });
      if (!compiled) continue;
      const { data, errors } = await answer(engine, torture, world, found);
      assert.deepEqual(compiled.data, data, told);
      assert.deepEqual(summary(compiled.errors), summary(errors), told);
      const interpreted = await deliver(plain, world, { ...found, query });
      assert.deepEqual(interpreted?.data, data, told);
      compared += 1;
      delivered += compiled.bodies.length - 1;
    }
    assert.ok(refused < seeds / 10, `${refused} refused`);
    assert.ok(compared > 0 && delivered > compared / 2, `${delivered} parts of ${compared} operations`);
  });
}
