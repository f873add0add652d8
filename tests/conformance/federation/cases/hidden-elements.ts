import { type CaseGroup, federation2 } from "../case-group.ts";

/** Clients see the intersection of enums and inputs, and nothing that is inaccessible; the plan may use both. */
export default {
  title: "hidden elements",
  subgraphs: {
    hidden_users: {
      sdl: `${federation2} type Query { member(by: MemberKey!): Member } enum MemberRank { LOW HIGH SECRET @inaccessible }
        input MemberKey { id: ID! } type Member @key(fields: "code") { id: ID! code: ID! @inaccessible rank: MemberRank @shareable }`,
      resolvers: {
        Query: {
          member: (_: never, { by: { id } }: { by: { id: string } }) => ({
            id,
            code: `c-${id}`,
            rank: id === "s" ? "SECRET" : "HIGH",
          }),
        },
      },
    },
    hidden_seats: {
      sdl: `${federation2} type Member @key(fields: "code") { code: ID! seat: String }`,
      resolvers: { Member: { __resolveReference: ({ code }: { code: string }) => ({ code, seat: `seat of ${code}` }) } },
    },
  },
  cases: [
    { query: '{ member(by: { id: "1" }) { id rank seat } }', data: { member: { id: "1", rank: "HIGH", seat: "seat of c-1" } } },
    { query: '{ member(by: { id: "1" }) { code } }', data: null, hasErrors: true },
    { query: '{ member(by: { id: "s" }) { id rank } }', data: { member: { id: "s", rank: null } }, hasErrors: true },
    {
      query: '{ __type(name: "MemberRank") { enumValues { name } } }',
      data: { __type: { enumValues: [{ name: "LOW" }, { name: "HIGH" }] } },
    },
  ],
} satisfies CaseGroup;
