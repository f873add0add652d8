import type { GraphQLFieldResolver, GraphQLTypeResolver } from "graphql";

type Fields = Readonly<Record<string, unknown>>;
type ReferenceResolver = (reference: never) => unknown;

/** Resolvers of one subgraph; a field without one is read from its parent. */
export type SubgraphResolvers = Readonly<
  Record<
    string,
    Readonly<
      Record<string, GraphQLFieldResolver<never, unknown, never> | GraphQLTypeResolver<never, unknown> | ReferenceResolver>
    >
  >
>;

type ConformanceCase = {
  readonly query: string;
  readonly variables?: Fields;
  readonly data: Fields | null;
  /** The answer must have errors; without it, it must have none. */
  readonly hasErrors?: boolean;
};

/**
 * What federation promises about one subject: subgraphs, queries, and the data a monolith would give. All groups are
 * composed into two supergraphs (the native planner does not serve those with interface objects or contexts), so names of types,
 * root fields and subgraphs are the group's own.
 */
export type CaseGroup = {
  readonly title: string;
  readonly subgraphs: Readonly<Record<string, { readonly sdl: string; readonly resolvers: SubgraphResolvers }>>;
  readonly cases: readonly ConformanceCase[];
};

const imports =
  '["@key", "@external", "@extends", "@requires", "@provides", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@tag", "@context", "@fromContext"]';

/** Begins the schema of a federation 2 subgraph. */
export const federation2 = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${imports})\n`;
