import { type CaseGroup, federation2 } from "../case-group.ts";

type Typed = { __typename: string; id: string };
const typename = ({ __typename }: Typed): string => __typename;
const items = [
  { __typename: "Poem", id: "p", lines: 14 },
  { __typename: "Novel", id: "n", pages: 300 },
];

/** Interfaces and unions whose members are spread over subgraphs, asked for by fragments of every kind. */
export default {
  title: "abstract types",
  subgraphs: {
    abstract_works: {
      sdl: `${federation2} type Query { works: [Work] anything: [AnyWork] firstWork: Work }
        interface Work { id: ID! } union AnyWork = Poem | Novel
        type Poem implements Work @key(fields: "id") { id: ID! lines: Int } type Novel implements Work @key(fields: "id") { id: ID! pages: Int }`,
      resolvers: {
        Query: { works: () => items, anything: () => items, firstWork: () => items[0] },
        Work: { __resolveType: typename } as never,
        AnyWork: { __resolveType: typename } as never,
      },
    },
    abstract_stars: {
      sdl: `${federation2} interface Rated { stars: Int } type Poem implements Rated @key(fields: "id") { id: ID! stars: Int critic: Critic } type Novel implements Rated @key(fields: "id") { id: ID! stars: Int critic: NovelCritic }
        type Critic @key(fields: "id") { id: ID! } type NovelCritic { id: ID! paper: String }`,
      resolvers: {
        Poem: { __resolveReference: ({ id }: Typed) => ({ id, stars: 5, critic: { id: "c1" } }) },
        Novel: { __resolveReference: ({ id }: Typed) => ({ id, stars: 3, critic: { id: "c2", paper: "Daily" } }) },
        Rated: { __resolveType: typename } as never,
      },
    },
    abstract_critics: {
      sdl: `${federation2} type Critic @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Critic: { __resolveReference: ({ id }: Typed) => ({ id, name: `critic ${id}` }) } },
    },
  },
  cases: [
    {
      query: "{ works { __typename id } }",
      data: {
        works: [
          { __typename: "Poem", id: "p" },
          { __typename: "Novel", id: "n" },
        ],
      },
    },
    {
      query: "{ works { ... on Rated { stars } ... on Poem { lines } } }",
      data: { works: [{ stars: 5, lines: 14 }, { stars: 3 }] },
    },
    {
      query: "{ anything { kind: __typename ... on Work { id } ... on Novel { pages stars } } }",
      data: {
        anything: [
          { kind: "Poem", id: "p" },
          { kind: "Novel", id: "n", pages: 300, stars: 3 },
        ],
      },
    },
    {
      query: "{ firstWork { ...P } } fragment P on Poem { lines critic { name } }",
      data: { firstWork: { lines: 14, critic: { name: "critic c1" } } },
    },
    {
      query:
        "{ works { ... on Poem { by: critic { x: name } size: lines } ... on Novel { by: critic { x: paper } size: pages } } }",
      data: {
        works: [
          { by: { x: "critic c1" }, size: 14 },
          { by: { x: "Daily" }, size: 300 },
        ],
      },
    },
    {
      query: "query ($poems: Boolean!) { works { id ... on Poem @include(if: $poems) { stars } } }",
      variables: { poems: true },
      data: { works: [{ id: "p", stars: 5 }, { id: "n" }] },
    },
    {
      query: "query ($poems: Boolean!) { works { id ... on Poem @include(if: $poems) { stars } } }",
      variables: { poems: false },
      data: { works: [{ id: "p" }, { id: "n" }] },
    },
  ],
} satisfies CaseGroup;
