import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { splitDeferred } from "../engine/split-deferred.ts";
import { randomCase } from "../engine/testing/compare.ts";
import { placeDefers } from "../engine/testing/place-defers.ts";
import { createRandom } from "../engine/testing/random-operation.ts";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { tortureSubgraphs } from "../engine/testing/torture-subgraphs.ts";
import { generationOf } from "../supergraph/testing/generation-of.ts";
import { isQueryPlan } from "./check-plan.ts";
import type { QueryPlan } from "./index.ts";
import { createPlanCodec } from "./plan-codec.ts";
import type { PlanStore } from "./plan-store.ts";
import { createStoredPlanner, type StoredPlannerOptions } from "./stored-planner.ts";

const schema = buildSchema("type Query { a: Int }");
const subgraphs = new Map([["things", { name: "things", url: "" }]]);
const generation = generationOf(schema, "one", subgraphs);
const planFor = (operation: string): QueryPlan => ({
  kind: "QueryPlan",
  node: { kind: "Fetch", serviceName: "things", operation, operationKind: "query" },
});

function memoryStore() {
  const values = new Map<string, Buffer>();
  const store: PlanStore = {
    read: async (key) => values.get(key),
    write: async (key, value) => void values.set(key, value),
  };
  return { values, store };
}

/** One process: counts what its planner was asked. */
function setUp(store: PlanStore, options: Partial<StoredPlannerOptions> & { secret?: string } = {}) {
  const planned: string[] = [];
  const faults: string[] = [];
  const { secret = "secret", ...rest } = options;
  const codec = createPlanCodec(secret);
  let encoded: Promise<unknown> | undefined;
  const planner = createStoredPlanner({
    planner: {
      async plan({ document }) {
        planned.push(document);
        return planFor(document);
      },
    },
    plannerVersion: "planner 1",
    store,
    codec: {
      ...codec,
      encode(...plan) {
        const value = codec.encode(...plan);
        encoded = value;
        return value;
      },
    },
    onFault: (_, message) => faults.push(message),
    ...rest,
  });
  const plan = async (document: string, of = generation) => {
    const made = await planner.plan({ generation: of, document, operationName: undefined });
    await encoded; // then the store has been asked to write it, unless it is left alone
    return made;
  };
  return { plan, planned, faults };
}

async function written(values: ReadonlyMap<string, Buffer>, count: number): Promise<void> {
  while (values.size < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("another process takes the plan from the store, small or large, and asks its planner for nothing", async () => {
  const { store, values } = memoryStore();
  const large = `{ ${"a ".repeat(5_000)}}`;
  const first = setUp(store);
  for (const document of ["{ a }", large]) await first.plan(document);
  await written(values, 2);
  const second = setUp(store);
  for (const document of ["{ a }", large]) assert.deepEqual(await second.plan(document), planFor(document));
  assert.deepEqual([first.planned.length, second.planned.length], [2, 0]);
  const sizes = [...values.values()].map(({ length }) => length);
  assert.ok(Math.max(...sizes) < 500, "compressed");
});

test("plans of another supergraph or planner are not taken", async () => {
  const { store, values } = memoryStore();
  await setUp(store).plan("{ a }");
  await written(values, 1);
  const other = setUp(store);
  await other.plan("{ a }", generationOf(schema, "two", subgraphs));
  const newer = setUp(store, { plannerVersion: "planner 2" });
  await newer.plan("{ a }");
  assert.deepEqual([other.planned.length, newer.planned.length], [1, 1]);
});

test("believes nothing that others have put into the store", async () => {
  const { store, values } = memoryStore();
  const process = setUp(store);
  await process.plan("{ a }");
  await process.plan("{ b: a }");
  await written(values, 2);
  const [[key, value] = ["", Buffer.of()], [, ofAnother] = ["", Buffer.of()]] = [...values];
  const changed = Buffer.from(value);
  changed[changed.length - 5]! ^= 1;
  const foreign = memoryStore();
  await setUp(foreign.store, { secret: "another" }).plan("{ a }");
  await written(foreign.values, 1);
  const forged = [ofAnother, changed, [...foreign.values.values()][0]!, Buffer.of(), Buffer.from("{}"), value.subarray(0, 40)];
  for (const bad of forged) {
    values.set(key, bad);
    const careful = setUp(store);
    assert.deepEqual(await careful.plan("{ a }"), planFor("{ a }"));
    assert.equal(careful.planned.length, 1);
    while (values.get(key) === bad) await new Promise((resolve) => setTimeout(resolve, 1)); // replaced by a good one
  }
});

test("a store that fails costs nothing but the attempt; one that hangs is asked once and then left alone", async () => {
  const failing = setUp({
    read: async () => Promise.reject(new Error("away")),
    write: async () => Promise.reject(new Error("away")),
  });
  await failing.plan("{ a }");
  assert.equal(failing.planned.length, 1);
  assert.ok(failing.faults.length > 0);
  let asked = 0;
  const hang = (): Promise<never> => {
    asked += 1;
    return new Promise(() => {});
  };
  const hanging = setUp({ read: hang, write: hang }, { timeoutMs: 5 });
  for (const document of ["{ a }", "{ b: a }", "{ c: a }"]) await hanging.plan(document);
  assert.deepEqual([hanging.planned.length, asked], [3, 1]);
});

test("knows every plan that Apollo's planner makes for a supergraph that needs everything, whole and in parts", async () => {
  const supergraph = await createTestSupergraph(tortureSubgraphs);
  const { subgraphs, apiSchema } = supergraph.generation;
  let [whole, inParts] = [0, 0];
  for (let seed = 1; seed <= 120; seed++) {
    const found = randomCase(supergraph, seed, seed % 5 === 0 ? "subscription" : seed % 5 === 1 ? "mutation" : "query");
    if (!found) continue;
    assert.ok(isQueryPlan(found.plan, subgraphs), `seed ${seed}: ${JSON.stringify(found.plan)}`);
    whole += 1;
    if (found.plan.node?.kind === "Subscription" || seed % 3 > 0) continue;
    const record = supergraph.operation(placeDefers(apiSchema, found.query, createRandom(seed)));
    const split = "operation" in record ? splitDeferred(record, found.variables) : undefined;
    const plan = split && planOrNothing(() => supergraph.plan(split.document));
    if (!plan) continue;
    assert.ok(isQueryPlan(plan, subgraphs), `seed ${seed}: ${JSON.stringify(plan)}`);
    inParts += 1;
  }
  assert.ok(whole > 50 && inParts > 5, `${whole} and ${inParts}`);
});

/** Apollo's planner trips over some orders of deferred fetches. */
function planOrNothing(plan: () => QueryPlan): QueryPlan | undefined {
  try {
    return plan();
  } catch (error) {
    assert.match(String(error), /cannot have a top-level deferRef/);
    return undefined;
  }
}

test("takes nothing for a plan that has code, unknown nodes or unknown subgraphs in it", () => {
  const { subgraphs } = generation;
  const fetch = { kind: "Fetch", serviceName: "things", operation: "{a}", operationKind: "query" };
  const flatten = (path: unknown[]) => ({ kind: "Flatten", path, node: { ...fetch, requires: [] } });
  const good = [
    { kind: "QueryPlan" },
    { kind: "QueryPlan", node: fetch },
    { kind: "QueryPlan", node: { kind: "Sequence", nodes: [fetch, flatten(["a", "@", "|[A,B]", "_b1"])] } },
    { kind: "QueryPlan", node: { kind: "Subscription", primary: fetch, rest: fetch } },
  ];
  for (const plan of good) assert.ok(isQueryPlan(plan, subgraphs), JSON.stringify(plan));
  let deep: unknown = fetch;
  for (let depth = 0; depth < 1_000; depth++) deep = { kind: "Parallel", nodes: [deep] };
  const bad = [
    null,
    [],
    { kind: "Plan" },
    { kind: "QueryPlan", node: { ...fetch, serviceName: "elsewhere" } },
    { kind: "QueryPlan", node: { ...fetch, operationKind: "delete" } },
    { kind: "QueryPlan", node: { ...fetch, run: "code" } },
    { kind: "QueryPlan", node: { kind: "Fetch", serviceName: "things" } },
    { kind: "QueryPlan", node: { kind: "Run", nodes: [] } },
    { kind: "QueryPlan", node: { kind: "constructor" } },
    { kind: "QueryPlan", node: { kind: "Parallel", nodes: [{ kind: "Subscription", primary: fetch }] } },
    { kind: "QueryPlan", node: flatten(["a;process.exit()"]) },
    { kind: "QueryPlan", node: flatten(["a\n"]) },
    { kind: "QueryPlan", node: flatten([1]) },
    { kind: "QueryPlan", node: { ...fetch, requires: [{ kind: "Field", name: "a b" }] } },
    { kind: "QueryPlan", node: { ...fetch, outputRewrites: [{ kind: "KeyRenamer", path: ["a"], renameKeyTo: "b'" }] } },
    { kind: "QueryPlan", node: { kind: "Condition", condition: "x)", ifClause: fetch } },
    { kind: "QueryPlan", node: deep },
  ];
  for (const plan of bad) assert.equal(isQueryPlan(plan, subgraphs), false, JSON.stringify(plan)?.slice(0, 200));
});
