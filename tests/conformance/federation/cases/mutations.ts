import { type CaseGroup, federation2 } from "../case-group.ts";

let value = 0;
const change = (next: number) => {
  value = next;
  return { id: "counter", value };
};

/** Mutations of different subgraphs run one after the other, in the order they are written. */
export default {
  title: "mutations",
  subgraphs: {
    mutations_add: {
      sdl: `${federation2} type Query { counter: Counter } type Mutation { addTo(n: Int!): Counter resetCounter: Counter }
        type Counter @key(fields: "id") { id: ID! value: Int }`,
      resolvers: {
        Query: { counter: () => ({ id: "counter", value }) },
        Mutation: { addTo: (_: never, { n }: { n: number }) => change(value + n), resetCounter: () => change(0) },
        Counter: { __resolveReference: () => ({ id: "counter", value }) },
      },
    },
    mutations_multiply: {
      sdl: `${federation2} type Mutation { multiply(by: Int!): Counter } type Counter @key(fields: "id") { id: ID! isEven: Boolean }`,
      resolvers: {
        Mutation: { multiply: (_: never, { by }: { by: number }) => change(value * by) },
        Counter: { isEven: () => value % 2 === 0 },
      },
    },
  },
  cases: [
    {
      query:
        "mutation { resetCounter { id } first: addTo(n: 5) { value } second: multiply(by: 2) { value } third: addTo(n: 2) { value isEven } }",
      data: {
        resetCounter: { id: "counter" },
        first: { value: 5 },
        second: { value: 10 },
        third: { value: 12, isEven: true },
      },
    },
    {
      query: "mutation ($n: Int!) { multiply(by: $n) { id } addTo(n: $n) { value } }",
      variables: { n: 0 },
      data: { multiply: { id: "counter" }, addTo: { value: 0 } },
    },
  ],
} satisfies CaseGroup;
