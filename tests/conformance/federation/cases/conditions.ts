import { type CaseGroup, federation2 } from "../case-group.ts";

const query =
  "query ($show: Boolean!, $hide: Boolean = false) { shelf { id owner @include(if: $show) @skip(if: $hide) ... @skip(if: $show) { count } } }";

/** `@skip` and `@include` also decide which subgraphs are asked. */
export default {
  title: "@skip and @include",
  subgraphs: {
    conditions_shelves: {
      sdl: `${federation2} type Query { shelf: Shelf } type Shelf @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { shelf: () => ({ id: "s" }) } },
    },
    conditions_owners: {
      sdl: `${federation2} type Shelf @key(fields: "id") { id: ID! owner: String count: Int }`,
      resolvers: { Shelf: { __resolveReference: ({ id }: { id: string }) => ({ id, owner: "Ada", count: 3 }) } },
    },
  },
  cases: [
    { query, variables: { show: true }, data: { shelf: { id: "s", owner: "Ada" } } },
    { query, variables: { show: false }, data: { shelf: { id: "s", count: 3 } } },
    { query, variables: { show: true, hide: true }, data: { shelf: { id: "s" } } },
    { query: "{ shelf @skip(if: true) { owner } }", data: {} },
    { query: "{ shelf { owner @include(if: false) id } }", data: { shelf: { id: "s" } } },
  ],
} satisfies CaseGroup;
