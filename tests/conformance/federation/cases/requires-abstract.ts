import { type CaseGroup, federation2 } from "../case-group.ts";

type Owner = { __typename: string; id: string; legalName?: string; nick?: string };

/** What is required may be chosen by type conditions. */
export default {
  title: "@requires of abstract types",
  subgraphs: {
    abstract_boats: {
      sdl: `${federation2} type Query { boats: [Boat] } type Boat @key(fields: "id") { id: ID! owner: BoatOwner }
        interface BoatOwner { id: ID! } type BoatClub implements BoatOwner @key(fields: "id") { id: ID! legalName: String }
        type BoatFan implements BoatOwner @key(fields: "id") { id: ID! nick: String }`,
      resolvers: {
        Query: {
          boats: () => [
            { id: "1", owner: { __typename: "BoatClub", id: "c", legalName: "Club Ltd" } },
            { id: "2", owner: { __typename: "BoatFan", id: "f", nick: "Fan" } },
            { id: "3", owner: null },
          ],
        },
        BoatOwner: { __resolveType: ({ __typename }: Owner) => __typename } as never,
      },
    },
    abstract_plates: {
      sdl: `${federation2} type Boat @key(fields: "id") { id: ID! owner: BoatOwner @external
          plate: String @requires(fields: "owner { ... on BoatClub { legalName } ... on BoatFan { nick } }") }
        interface BoatOwner { id: ID! } type BoatClub implements BoatOwner @key(fields: "id") { id: ID! legalName: String @external }
        type BoatFan implements BoatOwner @key(fields: "id") { id: ID! nick: String @external }`,
      resolvers: {
        Boat: {
          __resolveReference: (boat: { owner: Owner | null }) => boat,
          plate: ({ owner }: { owner: Owner | null }) => owner?.legalName ?? owner?.nick ?? "nobody's",
        },
        BoatOwner: { __resolveType: ({ __typename }: Owner) => __typename } as never,
      },
    },
  },
  cases: [
    { query: "{ boats { plate } }", data: { boats: [{ plate: "Club Ltd" }, { plate: "Fan" }, { plate: "nobody's" }] } },
    {
      query: "{ boats { id plate owner { __typename ... on BoatFan { nick } } } }",
      data: {
        boats: [
          { id: "1", plate: "Club Ltd", owner: { __typename: "BoatClub" } },
          { id: "2", plate: "Fan", owner: { __typename: "BoatFan", nick: "Fan" } },
          { id: "3", plate: "nobody's", owner: null },
        ],
      },
    },
  ],
} satisfies CaseGroup;
