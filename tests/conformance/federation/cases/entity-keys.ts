import { type CaseGroup, federation2 } from "../case-group.ts";

type Key = { id?: string; sku?: string; parts?: { one: string; two: string } };
const of = (n: string) => ({ id: n, sku: `sku-${n}`, parts: { one: `${n}a`, two: `${n}b` } });

/** A subgraph may know an entity by other keys than the next: the way may lead over a third. */
export default {
  title: "keys of entities",
  subgraphs: {
    keys_start: {
      sdl: `${federation2} type Query { keyed: Keyed keyedList: [Keyed!]! }
        type Keyed @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { keyed: () => ({ id: "1" }), keyedList: () => ["1", "2", "1"].map((id) => ({ id })) } },
    },
    keys_middle: {
      sdl: `${federation2} type Keyed @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! }`,
      resolvers: { Keyed: { __resolveReference: ({ id, sku }: Key) => of(id ?? sku?.slice(4) ?? "") } },
    },
    keys_nested: {
      sdl: `${federation2} type Keyed @key(fields: "sku") @key(fields: "parts { one two }") { sku: String! parts: KeyedParts! weight: Int }
        type KeyedParts @shareable { one: String! two: String! }`,
      resolvers: {
        Keyed: { __resolveReference: ({ sku }: Key) => ({ ...of(sku?.slice(4) ?? ""), weight: Number(sku?.slice(4)) * 10 }) },
      },
    },
    keys_end: {
      sdl: `${federation2} type Keyed @key(fields: "parts { one two }") { parts: KeyedParts! label: String! }
        type KeyedParts @shareable { one: String! two: String! }`,
      resolvers: { Keyed: { __resolveReference: ({ parts }: Key) => ({ parts, label: `label ${parts?.one}${parts?.two}` }) } },
    },
  },
  cases: [
    { query: "{ keyed { id sku } }", data: { keyed: { id: "1", sku: "sku-1" } } },
    { query: "{ keyed { weight } }", data: { keyed: { weight: 10 } } },
    { query: "{ keyed { label } }", data: { keyed: { label: "label 1a1b" } } },
    {
      query: "{ keyedList { name: label w: weight } }",
      data: {
        keyedList: [
          { name: "label 1a1b", w: 10 },
          { name: "label 2a2b", w: 20 },
          { name: "label 1a1b", w: 10 },
        ],
      },
    },
  ],
} satisfies CaseGroup;
