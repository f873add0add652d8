import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createApolloPlanner } from "../planner/index.ts";
import type { SupergraphGeneration } from "./supergraph-generation.ts";
import { type RunningSupergraph, startSupergraphManager } from "./supergraph-manager.ts";

const head = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@authenticated"])\n`;
const people = `${head}type Query { me: Person @authenticated } type Person @key(fields: "id") { id: ID! name: String @requiresScopes(scopes: [["a", "b"], ["c"]]) }`;
const orders = `${head}type Person @key(fields: "id") { id: ID! orders: [Order!] } type Order { total: Int! }`;
const config = `
subgraphs:
  people: { routing_url: "http://localhost:1/graphql", schema: { file: people.graphql } }
  orders: { routing_url: "http://localhost:2/graphql", schema: { file: [parts] } }
`;

let folder: string;
let running: RunningSupergraph;
const stops: (() => Promise<void>)[] = [];
const rejected: unknown[] = [];
let refuse = false;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "supergraph-"));
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "parts"));
  await write("people.graphql", people);
  await write("parts/a.graphql", orders);
  await write("supergraph.yaml", config);
  running = startSupergraphManager({
    source: join(folder, "supergraph.yaml"),
    cacheFolder: join(folder, "cache"),
    watchIntervalMs: 20,
    subgraphUrl: (name) => (name === "orders" ? "http://elsewhere/graphql" : undefined),
    logger: { info: () => {}, warn: () => {}, error: (fields) => void rejected.push(fields) },
    lifecycle: { onStop: (_, stop) => void stops.push(stop) },
  });
  running.supergraph.beforeSwap(() => {
    if (refuse) throw new Error("a hook refuses this one");
  });
  await running.supergraph.ready();
});
after(async () => {
  for (const stop of stops) await stop();
  await rm(folder, { recursive: true });
});

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const nextGeneration = () => new Promise<SupergraphGeneration>((resolve) => running.supergraph.onChange(resolve));
const nextRejection = async () => {
  const seen = rejected.length;
  while (rejected.length === seen) await new Promise((resolve) => setTimeout(resolve, 10));
  return rejected.at(-1);
};

test("composes the subgraphs of a supergraph.yaml and reads addresses and authorisation rules", () => {
  const { subgraphs, security, apiSchema } = running.supergraph.current();
  assert.deepEqual([...subgraphs.values()].map(({ name, url }) => [name, url]).sort(), [
    ["orders", "http://elsewhere/graphql"],
    ["people", "http://localhost:1/graphql"],
  ]);
  assert.deepEqual(security.fields.get("Person.name"), { authenticated: false, scopes: [["a", "b"], ["c"]], policies: [] });
  assert.equal(security.fields.get("Query.me")?.authenticated, true);
  assert.equal(apiSchema.getType("join__Graph"), undefined);
});

test("plans an operation with Apollo's planner in the worker", async () => {
  const planner = createApolloPlanner({ worker: running.worker });
  const generation = running.supergraph.current();
  const plan = await planner.plan({ generation, document: "{ me { name orders { total } } }", operationName: undefined });
  assert.equal(plan.node?.kind, "Sequence");
  await assert.rejects(planner.plan({ generation, document: "{ nobody }", operationName: undefined }), { reason: "refused" });
});

test("keeps the good supergraph when the next does not compose, and takes the one after", async () => {
  const first = running.supergraph.current();
  const rejection = nextRejection();
  await write("parts/a.graphql", `${orders} type Query { me: Int }`);
  assert.match(JSON.stringify(await rejection), /Query\.me/);
  assert.equal(running.supergraph.current(), first);
  const next = nextGeneration();
  await write("parts/b.graphql", "type Extra { id: ID! }");
  await write("parts/a.graphql", orders);
  const second = await next;
  assert.ok(second.apiSchema.getType("Extra"));
  assert.equal(second.sequence, first.sequence + 1);
  const planner = createApolloPlanner({ worker: running.worker });
  const plan = await planner.plan({ generation: first, document: "{ me { id } }", operationName: undefined });
  assert.equal(plan.node?.kind, "Fetch", "the former generation can still be planned for requests in flight");
});

test("keeps the present supergraph when a hook refuses the candidate", async () => {
  const present = running.supergraph.current();
  refuse = true;
  const rejection = nextRejection();
  await write("parts/b.graphql", "type Other { id: ID! }");
  await rejection;
  refuse = false;
  assert.equal(running.supergraph.current(), present);
});

test("ends a planner that does not answer in time and plans again with a new one", async () => {
  const planner = createApolloPlanner({ worker: running.worker, timeoutMs: 1 });
  const generation = running.supergraph.current();
  const aliases = Array.from({ length: 400 }, (_, index) => `a${index}: me { orders { total } name }`).join(" ");
  await assert.rejects(planner.plan({ generation, document: `{ ${aliases} }`, operationName: undefined }), { reason: "timeout" });
  const patient = createApolloPlanner({ worker: running.worker, timeoutMs: 60_000 }); // the new worker has to load first
  const plan = await patient.plan({ generation, document: "{ me { id } }", operationName: undefined });
  assert.equal(plan.node?.kind, "Fetch");
});
