import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import type { QueryPlan } from "@tributary/gateway/planner/index";
import { parse } from "graphql";

/**
 * Apollo's planner of one supergraph, with the settings it has in the gateway. It throws when it refuses an operation. Cost:
 * half a second to load the library and build the planner; 3-50 ms for each plan.
 */
export function createApolloPlans(supergraphSdl: string): (document: string) => QueryPlan {
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph: false,
  });
  const planner = new QueryPlanner(supergraph);
  const apiSchema = supergraph.apiSchema();
  return (document) => {
    const operation = operationFromDocument(apiSchema, parse(document), {});
    return JSON.parse(JSON.stringify(planner.buildQueryPlan(operation))) as QueryPlan;
  };
}
