import type { GraphQLSchema } from "graphql";
import type { AuthRules } from "./auth-rules.ts";

export type { AuthRequirement, AuthRules } from "./auth-rules.ts";
export { subgraphUrlFrom } from "./generation.ts";
export { type RunningSupergraph, type SupergraphManagerOptions, startSupergraphManager } from "./supergraph-manager.ts";

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

/** Checks or prepares a candidate before it takes over; a rejection keeps the present generation. */
export type CandidateHook = (candidate: SupergraphGeneration) => void | Promise<void>;

export interface SupergraphManager {
  /** The generation new requests use. @throws RequestError 503 before the first one is loaded. */
  current(): SupergraphGeneration;
  /** As `current`, undefined instead of an error. */
  loaded(): SupergraphGeneration | undefined;
  /** Resolves when the first generation is in use. */
  ready(): Promise<SupergraphGeneration>;
  /** Runs for each candidate before the swap, in order of registration. */
  beforeSwap(hook: CandidateHook): void;
  /** Called after each swap. */
  onChange(listener: (generation: SupergraphGeneration) => void): void;
}
