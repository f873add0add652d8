import { buildSubgraphSchema } from "@apollo/subgraph";
import type { Identity } from "@tributary/contracts/identity";
import { type GraphQLSchema, parse } from "graphql";
import { enforceAuthDirectives } from "./auth-directives.ts";
import { commonScalars } from "./common-scalars.ts";
import { checkResolvers, type ResolverMap } from "./resolver-map.ts";

type ApolloResolvers = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { typeDefs: unknown }>["resolvers"]>;

/**
 * The executable schema of a subgraph, its auth directives enforced. The common scalars are added; graphql-js itself enforces
 * `@oneOf`. @throws Error for SDL that breaks federation's rules, TypeError for resolvers that do not fit it.
 */
export function buildSchema<Context>(options: {
  sdl: string;
  resolvers: ResolverMap<Context>;
  identityOf: (context: Context) => Identity | null;
}): GraphQLSchema {
  const resolvers = { ...commonScalars, ...options.resolvers } as ApolloResolvers;
  const schema = buildSubgraphSchema({ typeDefs: parse(options.sdl), resolvers });
  checkResolvers(schema, options.resolvers);
  enforceAuthDirectives(schema, options.identityOf);
  return schema;
}
