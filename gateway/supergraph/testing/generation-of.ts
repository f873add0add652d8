import type { GraphQLSchema } from "graphql";
import type { SupergraphGeneration } from "../index.ts";

/** A supergraph in use that is one schema, without protected fields; for tests that neither compose nor call subgraphs. */
export const generationOf = (
  schema: GraphQLSchema,
  id = "one",
  subgraphs: SupergraphGeneration["subgraphs"] = new Map(),
): SupergraphGeneration => ({
  id,
  sequence: 1,
  supergraphSdl: "",
  apiSchema: schema,
  supergraphSchema: schema,
  subgraphs,
  security: { types: new Map(), fields: new Map() },
});
