import { type CaseGroup, federation2 } from "../case-group.ts";

const typename = ({ __typename }: { __typename: string }): string => __typename;

/** Subgraphs that know different members of a union, each answering for its own. */
export default {
  title: "unions known in part",
  subgraphs: {
    unions_offers: {
      sdl: `${federation2} type Query { offers: [Offer!]! } union Offer = Toy | Game type Toy @key(fields: "id") { id: ID! } type Game @key(fields: "id") { id: ID! level: Int }`,
      resolvers: {
        Query: {
          offers: () => [
            { __typename: "Toy", id: "t" },
            { __typename: "Game", id: "g", level: 2 },
          ],
        },
        Offer: { __resolveType: typename } as never,
      },
    },
    unions_gifts: {
      sdl: `${federation2} type Query { gifts: [Offer!]! } union Offer = Toy | Voucher type Toy @key(fields: "id") { id: ID! colour: String } type Voucher { amount: Int }`,
      resolvers: {
        Query: {
          gifts: () => [
            { __typename: "Voucher", amount: 5 },
            { __typename: "Toy", id: "t", colour: "red" },
          ],
        },
        Offer: { __resolveType: typename } as never,
        Toy: { __resolveReference: ({ id }: { id: string }) => ({ id, colour: "red" }) },
      },
    },
  },
  cases: [
    {
      query: "{ offers { __typename ... on Toy { colour } ... on Game { level } ... on Voucher { amount } } }",
      data: {
        offers: [
          { __typename: "Toy", colour: "red" },
          { __typename: "Game", level: 2 },
        ],
      },
    },
    {
      query: "{ gifts { ... on Voucher { amount } ... on Toy { id colour } ... on Game { level } } }",
      data: { gifts: [{ amount: 5 }, { id: "t", colour: "red" }] },
    },
    {
      query: "{ offers { ...T } gifts { ...T } } fragment T on Toy { id }",
      data: { offers: [{ id: "t" }, {}], gifts: [{}, { id: "t" }] },
    },
  ],
} satisfies CaseGroup;
