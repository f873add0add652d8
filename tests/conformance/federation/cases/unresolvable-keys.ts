import { type CaseGroup, federation2 } from "../case-group.ts";

type Key = { id: string; parts: { one: string; two: string; three: string } };
const parts = { one: "a", two: "b", three: "c" };

/** A key that a subgraph only points with must not be used to enter it. */
export default {
  title: "keys that cannot be resolved",
  subgraphs: {
    mashup_a: {
      sdl: `${federation2} type Query { mashup: Mashed }
        type Mashed @key(fields: "id") @key(fields: "parts { one two three }") { id: ID! name: String! parts: MashedParts! }
        type MashedParts @shareable { one: ID! two: ID! three: ID! }`,
      resolvers: {
        Query: { mashup: () => ({ id: "m", name: "mashed", parts }) },
        Mashed: { __resolveReference: () => ({ id: "m", name: "mashed", parts }) },
      },
    },
    mashup_b: {
      sdl: `${federation2} type Query { mashedBox: MashedBox }
        type MashedBox { id: ID! content: [Mashed!]! }
        type Mashed @key(fields: "parts { one two }", resolvable: false) @key(fields: "id parts { two three }") {
          id: ID! parts: MashedParts! name: String! @external nameInBox: String! @requires(fields: "name") }
        type MashedParts @shareable { one: ID! two: ID! three: ID! }`,
      resolvers: {
        Query: { mashedBox: () => ({ id: "box", content: [{ id: "m", parts }] }) },
        Mashed: {
          __resolveReference: (key: Key & { name?: string }) => (key.id && key.parts.two && key.parts.three ? key : null),
          nameInBox: ({ name }: { name: string }) => `${name} in a box`,
        },
      },
    },
  },
  cases: [
    {
      query: "{ mashedBox { id content { id name nameInBox } } }",
      data: { mashedBox: { id: "box", content: [{ id: "m", name: "mashed", nameInBox: "mashed in a box" }] } },
    },
    { query: "{ mashup { nameInBox } }", data: { mashup: { nameInBox: "mashed in a box" } } },
  ],
} satisfies CaseGroup;
