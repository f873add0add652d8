import { type CaseGroup, federation2 } from "../case-group.ts";

type Typed = { __typename: string; id: string };
const all = [
  { __typename: "Song", id: "1", length: 3 },
  { __typename: "Film", id: "2", length: 90 },
];
const typename = ({ __typename }: Typed): string => __typename;

/** A subgraph may add fields to an interface as if it were one object type. */
export default {
  title: "interface objects",
  subgraphs: {
    objects_media: {
      sdl: `${federation2} type Query { media: [Media] songs: [Song] } interface Media @key(fields: "id") { id: ID! length: Int }
        type Song implements Media @key(fields: "id") { id: ID! length: Int } type Film implements Media @key(fields: "id") { id: ID! length: Int }`,
      resolvers: {
        Query: { media: () => all, songs: () => [all[0]] },
        Media: {
          __resolveType: typename,
          __resolveReference: ({ id }: Typed) => all.find((each) => each.id === id),
        } as never,
        Song: { __resolveReference: ({ id }: Typed) => all.find((each) => each.id === id) },
        Film: { __resolveReference: ({ id }: Typed) => all.find((each) => each.id === id) },
      },
    },
    objects_ratings: {
      sdl: `${federation2} type Query { bestRated: Media } type Media @key(fields: "id") @interfaceObject { id: ID! rating: Int length: Int @external isLong: Boolean @requires(fields: "length") }`,
      resolvers: {
        Query: { bestRated: () => ({ id: "2", rating: 9 }) },
        Media: {
          __resolveReference: (media: Typed) => ({ ...media, rating: Number(media.id) + 7 }),
          isLong: ({ length }: { length: number }) => length > 60,
        },
      },
    },
    objects_unresolvable_a: {
      sdl: `${federation2} type Query { shapeless: Shapeless } interface Shapeless @key(fields: "id") { id: ID! corner: String }`,
      resolvers: { Query: { shapeless: () => null } },
    },
    objects_unresolvable_b: {
      sdl: `${federation2} type Query { shape: Shapeless } type Shapeless @key(fields: "id", resolvable: false) @interfaceObject { id: ID! side: Int }`,
      resolvers: { Query: { shape: () => ({ id: "s", side: 4 }) } },
    },
  },
  cases: [
    {
      query: "{ media { __typename rating } }",
      data: {
        media: [
          { __typename: "Song", rating: 8 },
          { __typename: "Film", rating: 9 },
        ],
      },
    },
    {
      query: "{ media { id isLong } songs { isLong rating } }",
      data: {
        media: [
          { id: "1", isLong: false },
          { id: "2", isLong: true },
        ],
        songs: [{ isLong: false, rating: 8 }],
      },
    },
    { query: "{ bestRated { id rating } }", data: { bestRated: { id: "2", rating: 9 } } },
    { query: "{ bestRated { __typename rating length } }", data: { bestRated: { __typename: "Film", rating: 9, length: 90 } } },
    { query: "{ bestRated { ... on Film { length } ... on Song { id } } }", data: { bestRated: { length: 90 } } },
    { query: "{ shape { side } }", data: { shape: { side: 4 } } },
    { query: "{ shapeless { side } }", data: null, hasErrors: true },
  ],
} satisfies CaseGroup;
