import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchNode, PlanNode, PlanSelection, QueryPlan, SubgraphReply } from "./index.ts";
import { runBothWays } from "./testing/run-both-ways.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';
const supergraph = await createTestSupergraph({
  shop: `${link}
    type Query { orders: [Order!]! first: Order n: Int! }
    type Order @key(fields: "id") { id: ID! total: Int buyer: Person }
    type Person @key(fields: "id") { id: ID! }`,
  people: `${link} type Person @key(fields: "id") { id: ID! name: String }`,
  post: `${link} type Order @key(fields: "id") { id: ID! total: Int @external parcel: String @requires(fields: "total") }`,
});
const run = runBothWays(supergraph);

test("starts a fetch when its own inputs are there, although the plan has it wait for others", async () => {
  const entities = (typename: string, fields: string[]): PlanSelection[] => [
    {
      kind: "InlineFragment",
      typeCondition: typename,
      selections: ["__typename", ...fields].map((name) => ({ kind: "Field", name })),
    },
  ];
  const fetch = (serviceName: string, selection: string, requires?: PlanSelection[]): FetchNode => ({
    kind: "Fetch",
    serviceName,
    operationKind: "query",
    operation: requires
      ? `query($representations:[_Any!]!){_entities(representations:$representations){${selection}}}`
      : selection,
    ...(requires && { requires }),
  });
  const onOrders = (node: FetchNode): PlanNode => ({ kind: "Flatten", path: ["orders", "@"], node });
  const buyers: PlanNode = {
    kind: "Flatten",
    path: ["orders", "@", "buyer"],
    node: fetch("people", "...on Person{name}", entities("Person", ["id"])),
  };
  const first = fetch("shop", "{orders{__typename id buyer{__typename id}}}");
  const totals = onOrders(fetch("shop", "...on Order{total}", entities("Order", ["id"])));
  const parcels = onOrders(fetch("post", "...on Order{parcel}", entities("Order", ["id", "total"])));
  const nodes: PlanNode[] = [first, { kind: "Parallel", nodes: [buyers, totals] }, parcels];
  let asked = (): void => {};
  const { data } = await run(
    "{ orders { parcel buyer { name } } }",
    {
      shop: ({ n }) => {
        if (n > 1) return { data: { _entities: [{ total: 7 }] } };
        return { data: { orders: [{ __typename: "Order", id: "o1", buyer: { __typename: "Person", id: "p1" } }] } };
      },
      people: () => new Promise((resolve) => (asked = () => resolve({ data: { _entities: [{ name: "x" }] } }))),
      post: ({ variables }) => {
        asked(); // in waves this call would wait for that of people for ever
        return { data: { _entities: [{ parcel: JSON.stringify(variables.representations) }] } };
      },
    },
    { plan: { kind: "QueryPlan", node: { kind: "Sequence", nodes } } },
  );
  assert.deepEqual(data, { orders: [{ parcel: '[{"__typename":"Order","id":"o1","total":7}]', buyer: { name: "x" } }] });
});

test("renames fields of a reply and leaves the reply as it came", async () => {
  const operation = "{orders{__typename id ...on Order{total__alias_0:total}}}";
  const fetch: FetchNode = {
    kind: "Fetch",
    serviceName: "shop",
    operationKind: "query",
    operation,
    outputRewrites: [{ kind: "KeyRenamer", path: ["orders", "... on Order", "total__alias_0"], renameKeyTo: "total" }],
  };
  const reply = { data: { orders: [{ __typename: "Order", id: "o1", total__alias_0: 3 }] } };
  const { data } = await run("{ orders { total } }", { shop: () => reply }, { plan: { kind: "QueryPlan", node: fetch } });
  assert.deepEqual(data, { orders: [{ total: 3 }] });
  assert.deepEqual(Object.keys(reply.data.orders[0]!), ["__typename", "id", "total__alias_0"]);
});

test("asks for root fields below an object only where there is one", async () => {
  const inner: FetchNode = { kind: "Fetch", serviceName: "shop", operationKind: "query", operation: "{total:n}" };
  const first: FetchNode = { kind: "Fetch", serviceName: "shop", operationKind: "query", operation: "{first{__typename id}}" };
  const nodes: PlanNode[] = [first, { kind: "Flatten", path: ["first"], node: inner }];
  const plan: QueryPlan = { kind: "QueryPlan", node: { kind: "Sequence", nodes } };
  const query = "{ first { id total } }";
  const shop =
    (order: unknown) =>
    ({ n }: { n: number }): SubgraphReply => ({ data: n === 1 ? { first: order } : { total: 4 } });
  const there = await run(query, { shop: shop({ __typename: "Order", id: "o1" }) }, { plan });
  assert.deepEqual(there.data, { first: { id: "o1", total: 4 } });
  const absent = await run(query, { shop: shop(null) }, { plan });
  assert.deepEqual(absent.data, { first: null });
  assert.equal(absent.calls.length, 1);
});

test("makes null of what a narrower plan leaves out, and reports the errors it is given", async () => {
  const plan = supergraph.plan("{ n }");
  const errors = [{ message: "not yours", path: ["first"] }];
  const { data, errors: told } = await run("{ n first { id } }", { shop: () => ({ data: { n: 1 } }) }, { plan, errors });
  assert.deepEqual(data, { n: 1, first: null });
  assert.deepEqual(told, errors);
});
