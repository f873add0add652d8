// Subgraphs that tell the same entity differently at two places: what is made once for both must not be taken from one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SubgraphCall } from "./index.ts";
import { runBothWays } from "./testing/run-both-ways.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])';
const supergraph = await createTestSupergraph({
  shop: `${link}
    type Query { orders: [Order!]! pets: [Pet!]! }
    type Order @key(fields: "id") { id: ID! total: Int nick: String }
    interface Pet { id: ID! name: String age: Int }
    type Cat implements Pet @key(fields: "id") { id: ID! name: String age: Int }
    type Dog implements Pet @key(fields: "id") { id: ID! name: String age: Int }`,
  depot: `${link} type Order @key(fields: "id") { id: ID! weight: Int place: String }`,
  carrier: `${link}
    type Order @key(fields: "id") {
      id: ID! total: Int @external weight: Int @external
      fee: Int @requires(fields: "total") cost: String @requires(fields: "total weight")
    }`,
  vet: `${link} type Cat @key(fields: "id") { id: ID! lives: Int }`,
});
const run = runBothWays(supergraph);

type Representation = Readonly<Record<string, unknown>>;
type Call = SubgraphCall & { readonly variables: Record<string, unknown> };

/** Answers for each representation by what is asked of it. */
const entities =
  (fields: (representation: Representation) => Record<string, unknown>) =>
  ({ variables }: Call) => ({ data: { _entities: (variables.representations as Representation[]).map(fields) } });

const order = (id: string, fields: object) => ({ __typename: "Order", id, ...fields });
const depot = entities(({ id }) => ({ weight: id === "1" ? 10 : 20, place: `place of ${String(id)}` }));

test("what a place itself tells of an entity is shown there, beside what is joined to it", async () => {
  const told = [order("1", { nick: "first" }), order("1", { nick: "second" }), order("2", { nick: null })];
  const { data, calls } = await run("{ orders { nick place } }", { shop: () => ({ data: { orders: told } }), depot });
  assert.deepEqual(data, {
    orders: [
      { nick: "first", place: "place of 1" },
      { nick: "second", place: "place of 1" },
      { nick: null, place: "place of 2" },
    ],
  });
  assert.equal(calls.length, 2);
});

test("an entity that is joined twice is shown by both, also where one of them differs from place to place", async () => {
  const told = [order("1", { total: 3 }), order("1", { total: 4 }), order("2", { total: 3 })];
  const carrier = entities(({ total }) => ({ fee: Number(total) * 2 }));
  const shop = () => ({ data: { orders: told } });
  const { data } = await run("{ orders { place fee } }", { shop, depot, carrier });
  assert.deepEqual(data, {
    orders: [
      { place: "place of 1", fee: 6 },
      { place: "place of 1", fee: 8 },
      { place: "place of 2", fee: 6 },
    ],
  });
});

test("a representation takes from its place what the place tells, and from the entity what was joined", async () => {
  const told = [order("1", { total: 3 }), order("1", { total: 4 }), order("2", { total: 3 }), order("1", { total: 4 })];
  const seen: Representation[][] = [];
  const { data } = await run("{ orders { cost } }", {
    shop: () => ({ data: { orders: told } }),
    depot,
    carrier: (call) => {
      seen.push(call.variables.representations as Representation[]);
      return entities(({ total, weight }) => ({ cost: `${String(total)} for ${String(weight)}` }))(call);
    },
  });
  assert.deepEqual(data, { orders: ["3 for 10", "4 for 10", "3 for 20", "4 for 10"].map((cost) => ({ cost })) });
  assert.equal(seen[0]?.length, 3, "equal representations stay one");
});

test("leaves that stand side by side for one type and apart for another are shown for both", async () => {
  const told = ["Cat", "Dog", "Cat"].map((__typename, index) => ({ __typename, id: `${index}`, name: `n${index}`, age: index }));
  const shop = () => ({ data: { pets: told } });
  const vet = entities(() => ({ lives: 9 }));
  const { data } = await run("{ pets { name ... on Cat { lives } age } }", { shop, vet });
  assert.deepEqual(data, {
    pets: [
      { name: "n0", lives: 9, age: 0 },
      { name: "n1", age: 1 },
      { name: "n2", lives: 9, age: 2 },
    ],
  });
});
