export { createSubgraphClient, type SubgraphClient, type SubgraphClientTarget, type SubgraphQuery } from "./subgraph-client.ts";
