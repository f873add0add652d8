import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestSupergraph } from "@tributary/gateway/engine/testing/test-supergraph";
import { nativeModuleFor } from "@tributary/gateway/planner/index";
import { parse, printSchema, stripIgnoredCharacters } from "graphql";
import { composeSide } from "../compose/compose-side.ts";
import { toSource } from "../rules/run-example.ts";
import { noCache } from "../source/cache.ts";
import { createGatewayPlanner } from "./gateway-planner.ts";
import { readPlan } from "./plan-facts.ts";
import { planMermaid, planTree } from "./print-plan.ts";

const graph = `
# subgraph tasks
type Query { tasks(first: Int! = 10): [Task!]! }
type Task @key(fields: "id") { id: ID! owner: User reviewer: User }
type User @key(fields: "id", resolvable: false) { id: ID! }
# subgraph users
type User @key(fields: "id") { id: ID! name: String }
`;
const nested = parse("{ tasks(first: 3) { owner { name } reviewer { name } } }");
const platform = { skip: nativeModuleFor("auto") ? false : "no binary of the native planner for this platform" };

test("asks the gateway's preferred planner and names it with its version", platform, async () => {
  const planner = createGatewayPlanner(await composeSide(toSource("head", graph), noCache), "auto", 1);
  const planned = await planner.plan(nested);
  assert.ok("plan" in planned);
  assert.match(planned.planner, /^@graphql-hive\/router-query-planner \d+\.\d+\.\d+/);
  const facts = readPlan(planned.plan);
  // Both users of a task in one request, from one list of representations: only the native planner does that.
  assert.deepEqual(
    facts.fetches.map(({ subgraph, requires }) => [subgraph, requires.length]),
    [
      ["tasks", 0],
      ["users", 1],
    ],
  );
  assert.match(facts.fetches[0]!.operation, /\$tributaryLiteral0/); // prepared as the gateway does: literals are variables
  assert.match(planTree(planned.plan), /BatchFetch users for tasks\.@\.reviewer, tasks\.@\.owner/);
  assert.match(planMermaid(planned.plan), /f1 --> f2/);
});

test("asks Apollo's planner when told to, and gets what the gateway's own worker gives", async () => {
  const { subgraphs } = toSource("head", graph);
  const sdls = subgraphs.map(({ name, files }) => [name, files.map(({ text }) => text).join("\n")] as const);
  const supergraph = await createTestSupergraph(Object.fromEntries(sdls));
  const { id, supergraphSdl } = supergraph.generation;
  const side = { hash: id, supergraphSdl, apiSdl: printSchema(supergraph.generation.apiSchema) };
  const withoutLiterals = "query ($first: Int!) { tasks(first: $first) { owner { name } reviewer { name } } }";
  for (const operationCount of [1, 100]) {
    const planner = createGatewayPlanner(side, "apollo", operationCount);
    const planned = await planner.plan(parse(withoutLiterals));
    await planner.stop();
    assert.ok("plan" in planned);
    assert.match(planned.planner, /^@apollo\/query-planner \d/);
    const expected: unknown = JSON.parse(JSON.stringify(supergraph.plan(stripIgnoredCharacters(withoutLiterals))));
    assert.deepEqual(planned.plan, expected, `on ${operationCount === 1 ? "this" : "another"} thread`);
  }
});

test("names Apollo's planner where the preferred one does not serve the supergraph", async () => {
  const media = `
# subgraph a
type Query { media: [Media!]! }
interface Media @key(fields: "id") { id: ID! title: String }
type Book implements Media @key(fields: "id") { id: ID! title: String }
# subgraph b
type Media @federation__interfaceObject @key(fields: "id") { id: ID! reviews: Int }
`;
  const planner = createGatewayPlanner(await composeSide(toSource("head", media), noCache), "auto", 1);
  const planned = await planner.plan(parse("{ media { title reviews } }"));
  assert.match(planned.planner, /^@apollo\/query-planner/);
  assert.ok("plan" in planned && readPlan(planned.plan).fetches.length === 2);
});
