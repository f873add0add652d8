import { type CaseGroup, federation2 } from "../case-group.ts";

type Tour = { id: string; fee?: number; steps?: { label: string }[]; prices: Record<string, number> };
const steps = ["up", "on", "down"].map((label) => ({ label }));
const rates: Record<string, number> = { USD: 10, EUR: 9 };

/** A required field may have arguments that another requirement, or the client, gives other values. */
export default {
  title: "@requires with arguments",
  subgraphs: {
    arguments_tours: {
      sdl: `${federation2} type Query { tours: [Tour!]! } type Tour @key(fields: "id") { id: ID! fee(in: String!): Int steps(first: Int!): [TourStep!]! }
        type TourStep { label: String! @shareable }`,
      resolvers: {
        Query: { tours: () => [{ id: "1" }] },
        Tour: {
          __resolveReference: ({ id }: Tour) => ({ id }),
          fee: (_: never, args: { in: string }) => rates[args.in],
          steps: (_: never, { first }: { first: number }) => steps.slice(0, first),
        } as never,
      },
    },
    arguments_totals: {
      sdl: `${federation2} type Tour @key(fields: "id") { id: ID! fee(in: String!): Int @external steps(first: Int!): [TourStep!]! @external
          dollars: Int @requires(fields: "fee(in: \\"USD\\")") euros: Int @requires(fields: "fee(in: \\"EUR\\")")
          ending: String @requires(fields: "steps(first: 3) { label }") }
        type TourStep { label: String! @external }`,
      resolvers: {
        Tour: {
          __resolveReference: (tour: Tour) => tour,
          dollars: ({ fee }: Tour) => fee,
          euros: ({ fee }: Tour) => fee,
          ending: ({ steps: all }: Tour) => all?.at(-1)?.label,
        },
      },
    },
  },
  cases: [
    { query: "{ tours { dollars } }", data: { tours: [{ dollars: 10 }] } },
    { query: "{ tours { dollars euros } }", data: { tours: [{ dollars: 10, euros: 9 }] } },
    { query: '{ tours { dollars euros fee(in: "USD") } }', data: { tours: [{ dollars: 10, euros: 9, fee: 10 }] } },
    { query: "{ tours { steps(first: 1) { label } ending } }", data: { tours: [{ steps: [{ label: "up" }], ending: "down" }] } },
    {
      query:
        "query ($n: Int = 2) { tours { ...A ...B ending } } fragment A on Tour { steps(first: $n) { label } } fragment B on Tour { steps(first: $n) { label } }",
      data: { tours: [{ steps: [{ label: "up" }, { label: "on" }], ending: "down" }] },
    },
  ],
} satisfies CaseGroup;
