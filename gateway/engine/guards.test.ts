import assert from "node:assert/strict";
import { test } from "node:test";
import { createExecutor } from "./graph-executor.ts";
import type { FetchNode, PlanNode, SubgraphReply } from "./index.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const supergraph = await createTestSupergraph({
  shop: `${link} type Query { first: Order } type Order @key(fields: "id") { id: ID! }`,
  post: `${link} type Order @key(fields: "id") { id: ID! depot: String }`,
});

test("a path may tell the type of the root, interpreted and compiled", async () => {
  const record = supergraph.operation("{ ... on Query { first { depot } } }");
  assert.ok("operation" in record);
  const requires = ["__typename", "id"].map((name) => ({ kind: "Field", name }) as const);
  const first: FetchNode = { kind: "Fetch", serviceName: "shop", operationKind: "query", operation: "{first{__typename id}}" };
  const operation = "query($representations:[_Any!]!){_entities(representations:$representations){...on Order{depot}}}";
  const entities: FetchNode = { kind: "Fetch", serviceName: "post", operationKind: "query", requires, operation };
  const nodes: PlanNode[] = [first, { kind: "Flatten", path: ["|[Query]", "first"], node: entities }];
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const { body } = await createExecutor({ compileAfterRuns }).execute({
      record,
      plan: { kind: "QueryPlan", node: { kind: "Sequence", nodes } },
      variables: {},
      fetch: async ({ subgraph }): Promise<SubgraphReply> =>
        subgraph === "shop"
          ? { data: { first: { __typename: "Order", id: "1" } } }
          : { data: { _entities: [{ depot: "east" }] } },
      signal: new AbortController().signal,
    });
    assert.equal(body, '{"data":{"first":{"depot":"east"}}}');
  }
});
