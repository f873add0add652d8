import { type CaseGroup, federation2 } from "../case-group.ts";

const typename = ({ __typename }: { __typename: string }): string => __typename;

/** Members of a union whose fields of one name have types that a single request may not select side by side. */
export default {
  title: "fields of unlike types",
  subgraphs: {
    unlike_accounts: {
      sdl: `${federation2} type Query { holders: [Holder!]! } union Holder = Person | Robot
        type Person @key(fields: "id") { id: ID! friends: [Holder!]! } type Robot { id: ID friends: [Holder!]! }`,
      resolvers: {
        Query: {
          holders: () => [
            {
              __typename: "Person",
              id: "1",
              friends: [{ __typename: "Robot", id: "r1", friends: [{ __typename: "Person", id: "2" }] }],
            },
            { __typename: "Robot", id: null, friends: [] },
          ],
        },
        Holder: { __resolveType: typename } as never,
      },
    },
    unlike_names: {
      sdl: `${federation2} type Person @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Person: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `person ${id}` }) } },
    },
  },
  cases: [
    {
      query: "{ holders { ... on Person { name } ... on Robot { __typename } } }",
      data: { holders: [{ name: "person 1" }, { __typename: "Robot" }] },
    },
    {
      query:
        "{ holders { ... on Person { friends { ... on Robot { friends { ... on Person { id name } } } } } ... on Robot { key: id } } }",
      data: { holders: [{ friends: [{ friends: [{ id: "2", name: "person 2" }] }] }, { key: null }] },
    },
  ],
} satisfies CaseGroup;
