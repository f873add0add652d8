import type { GraphQLSchema } from "graphql";
import type { Positions } from "./positions.ts";

/** Both schemas, and where their types are used. */
export interface DiffContext {
  readonly base: GraphQLSchema;
  readonly head: GraphQLSchema;
  readonly positions: { readonly base: Positions; readonly head: Positions };
}
