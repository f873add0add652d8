import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "graphql";
import { createExecutor } from "./graph-executor.ts";
import { answer } from "./testing/compare.ts";
import { createMockWorld } from "./testing/mock-subgraphs.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

// Fields of different types under one name, as objects of different types may have them.
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const subgraphs = {
  shop: `${link} type Query { things: [Thing!]! } union Thing = Box | Reel
    type Box { it: Book cover: Cover } type Reel { it: Film } type Cover { id: ID! colour: String }
    type Book @key(fields: "id") { id: ID! } type Film @key(fields: "id") { id: ID! }`,
  post: `${link} type Book @key(fields: "id") { id: ID! stock: Int shelf: String } type Film @key(fields: "id") { id: ID! stock: Int reels: Int }`,
};
const supergraph = await createTestSupergraph(subgraphs);
const world = createMockWorld(subgraphs, { nullEvery: 0, failEvery: 0, listLength: 8 });

for (const [title, fields] of [
  ["entities of two types, with the same fields", "... on Box { x: it { stock } } ... on Reel { x: it { stock } }"],
  ["entities of two types, with other fields", "... on Box { x: it { stock shelf } } ... on Reel { x: it { stock reels } }"],
  ["values beside entities", "... on Box { x: cover { colour } } ... on Reel { x: it { id reels } }"],
  ["entities beside values", "... on Reel { x: it { id reels } } ... on Box { x: cover { id colour } }"],
  ["a type told under an alias", "... on Box { x: cover { kind: __typename } } ... on Reel { x: it { id reels } }"],
] as const) {
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    test(`${compileAfterRuns === 0 ? "compiled" : "interpreted"}: gives each type what is its own under one name: ${title}`, async () => {
      const query = `{ things { __typename ${fields} } }`;
      const found = { query, plan: supergraph.plan(query), variables: {}, seed: 1 };
      const { data } = await answer(createExecutor({ compileAfterRuns }), supergraph, world, found);
      const expected = await world.monolith(supergraph.generation.supergraphSchema, parse(query), {});
      assert.deepEqual(data, JSON.parse(JSON.stringify(expected.data)));
      const names = (data as { things: { __typename: string }[] }).things.map(({ __typename }) => __typename);
      assert.ok(names.includes("Box") && names.includes("Reel"));
    });
  }
}

test("an error of a field that the plan renames stands at the client's name for it", async () => {
  const query = "{ things { ... on Reel { x: it { id reels } } ... on Box { x: cover { id colour } } } }";
  const found = { query, plan: supergraph.plan(query), variables: {}, seed: 1 };
  assert.ok(JSON.stringify(found.plan).includes('"KeyRenamer"'));
  const { data, errors } = await answer(createExecutor(), supergraph, world, found, async () => ({
    data: { things: [{ __typename: "Box", x__alias_0: { id: "1", colour: null } }] },
    errors: [{ message: "no colour", path: ["things", 0, "x__alias_0", "colour"] }],
  }));
  assert.deepEqual(data, { things: [{ x: { id: "1", colour: null } }] });
  assert.deepEqual(errors[0]?.path, ["things", 0, "x", "colour"]);
});
