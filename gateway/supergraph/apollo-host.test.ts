import assert from "node:assert/strict";
import { test } from "node:test";
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { randomCase } from "../engine/testing/compare.ts";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { tortureSubgraphs } from "../engine/testing/torture-subgraphs.ts";

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
