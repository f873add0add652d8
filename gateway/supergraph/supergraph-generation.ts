import type { GraphQLSchema } from "graphql";
import type { AuthRules } from "./auth-rules.ts";

/** One accepted supergraph. Immutable: a request keeps the generation it began with. */
export interface SupergraphGeneration {
  /** SHA-256 of the supergraph SDL, hex. */
  readonly id: string;
  /** Counts accepted supergraphs of this process, from 1. */
  readonly sequence: number;
  readonly supergraphSdl: string;
  /** What clients see: nothing inaccessible, no federation machinery. */
  readonly apiSchema: GraphQLSchema;
  /** Everything subgraphs know, with `join__` and the other directives on its AST nodes (`@cost`, `@listSize`, ...). */
  readonly supergraphSchema: GraphQLSchema;
  readonly subgraphs: ReadonlyMap<string, SubgraphAddress>;
  /** `@authenticated`, `@requiresScopes`, `@policy` of the supergraph. */
  readonly security: AuthRules;
}

export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}
