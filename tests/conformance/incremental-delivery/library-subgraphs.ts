import { buildSubgraphSchema } from "@apollo/subgraph";
import { type GraphQLSchema, parse } from "graphql";
import { federation2, type SubgraphResolvers } from "../federation/case-group.ts";

type Ref = { readonly id: string };

const books = [
  { id: "b1", title: "Knots", pages: 120, author: { id: "a1" } },
  { id: "b2", title: "Sails", pages: 80, author: { id: "a2" } },
  { id: "b3", title: "Anchors", pages: null, author: null },
];
const authors: Readonly<Record<string, object>> = {
  a1: { id: "a1", name: "Ada Knot", born: 1951, rival: { id: "a2" }, email: "ada@library.example" },
  a2: { id: "a2", name: "Bo Sail", born: null, rival: { id: "a1" }, email: "bo@library.example" },
};
const bookOf = ({ id }: Ref) => books.find((book) => book.id === id) ?? null;
const failing = (): never => {
  throw new Error("out of order");
};

const services: Readonly<Record<string, { readonly sdl: string; readonly resolvers: SubgraphResolvers }>> = {
  books: {
    sdl: `${federation2.replace('"@tag"', '"@tag", "@requiresScopes"')}
      type Query { book(id: ID!): Book books(times: Int = 1): [Book!]! found: [Found!]! shelf: Shelf }
      type Mutation { rename(id: ID!, title: String!): Book }
      type Subscription { renamed: Book }
      union Found = Book | Author
      type Book @key(fields: "id") { id: ID! title: String! pages: Int author: Author }
      type Author @key(fields: "id") { id: ID! }
      type Shelf { name: String! place: Place }
      type Place { room: String! floor: Int! broken: Int! }`,
    resolvers: {
      Query: {
        book: (_: unknown, { id }: Ref) => bookOf({ id }),
        books: (_: unknown, { times }: { times: number }) => Array.from({ length: times }, () => books).flat(),
        found: () => [
          { __typename: "Book", ...books[0] },
          { __typename: "Author", id: "a2" },
        ],
        shelf: () => ({ name: "north", place: { room: "R", floor: 2 } }),
      },
      Mutation: { rename: (_: unknown, { id, title }: Ref & { title: string }) => ({ ...bookOf({ id }), title }) },
      Book: { __resolveReference: bookOf },
      Place: { broken: failing },
    },
  },
  people: {
    sdl: `${federation2.replace('"@tag"', '"@tag", "@requiresScopes"')}
      type Author @key(fields: "id") { id: ID! name: String! born: Int rival: Author email: String @requiresScopes(scopes: [["tasks:read"]]) }`,
    resolvers: {
      Author: {
        __resolveReference: ({ id }: Ref) => authors[id] ?? null,
        rival: ({ rival }: { rival: Ref }) => authors[rival.id] ?? null,
      },
    },
  },
  reviews: {
    sdl: `${federation2}
      type Book @key(fields: "id") { id: ID! reviews: [Review!]! rating: Float! broken: Int! brokenToo: Int }
      type Review { stars: Int! text: String by: Author }
      type Author @key(fields: "id") { id: ID! reviewed: [Book!] }`,
    resolvers: {
      Book: {
        __resolveReference: ({ id }: Ref) => ({ id }),
        reviews: ({ id }: Ref) => [
          { stars: 4, text: `on ${id}`, by: { id: "a1" } },
          { stars: 2, text: null, by: null },
        ],
        rating: () => 3.5,
        broken: failing,
        brokenToo: failing,
      },
      Author: { __resolveReference: ({ id }: Ref) => ({ id }), reviewed: () => [{ id: "b1" }, { id: "b3" }] },
    },
  },
};

/** Three subgraphs of a library: books, their authors, what was said of them. */
export const librarySdls: ReadonlyMap<string, string> = new Map(Object.entries(services).map(([name, { sdl }]) => [name, sdl]));

export const librarySchemas: ReadonlyMap<string, GraphQLSchema> = new Map(
  Object.entries(services).map(([name, { sdl, resolvers }]) => {
    // Their resolvers are written for the parents and arguments they get; the library's type knows neither.
    const typed = resolvers as NonNullable<
      Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>["resolvers"]
    >;
    return [name, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: typed })];
  }),
);
