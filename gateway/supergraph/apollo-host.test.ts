import assert from "node:assert/strict";
import { test } from "node:test";
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { randomCase } from "../engine/testing/compare.ts";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { tortureSubgraphs } from "../engine/testing/torture-subgraphs.ts";
import { createApolloHost } from "./apollo-host.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

test("a supergraph is accepted by ApolloGateway and by the parts it is made of as the same", async () => {
  const { generation } = await createTestSupergraph(tortureSubgraphs);
  const announced: AnnouncedSupergraph[] = [];
  const host = () =>
    createApolloHost({ announce: (supergraph) => announced.push(supergraph), warn: (_, text) => assert.fail(text) });
  const [opened, updated] = [host(), host()];
  await opened.open(generation.supergraphSdl);
  updated.update(generation.supergraphSdl);
  assert.deepEqual(announced[0], announced[1]);
  const document = "{ __typename }";
  assert.deepEqual(opened.plan(generation.id, document, undefined), updated.plan(generation.id, document, undefined));
  const broken = generation.supergraphSdl.replace("type Query", "type Nothing");
  await assert.rejects(opened.open(broken), /query/i);
  assert.throws(() => updated.update(broken), /query/i);
  assert.equal(announced.length, 2);
});

test("plans of operations without @defer are those of a planner that knows none", async () => {
  const torture = await createTestSupergraph(tortureSubgraphs);
  const supergraph = Supergraph.build(torture.generation.supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  });
  const planner = new QueryPlanner(supergraph);
  let compared = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const found = randomCase(torture, seed, seed % 4 === 0 ? "mutation" : "query");
    if (!found) continue;
    const expected = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(found.query)));
    assert.deepEqual(found.plan, JSON.parse(JSON.stringify(expected)), found.query);
    compared += 1;
  }
  assert.ok(compared > 20);
});
