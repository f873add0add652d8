// An operation of every kind of part, over a schema of its own, with a plan and what its subgraphs answer.
import type { QueryPlan, SubgraphFetch } from "../engine/index.ts";

export const primingSchema = `
  interface Node { id: ID! }
  type Thing implements Node { id: ID! name: String tags: [String!] kind: Kind size(unit: Unit = CM, scale: Float): Float parts(first: Int = 5, filter: Filter): [Part] }
  type Part implements Node { id: ID! thing: Thing count: Int isSpare: Boolean }
  union Found = Thing | Part
  enum Kind { A B }
  enum Unit { CM INCH }
  input Filter { name: String kinds: [Kind!] inner: Filter ids: [ID!] }
  type Query { node(id: ID!): Node things(filter: Filter, first: Int): [Thing!]! found: [Found] }
  type Mutation { rename(input: Filter!): Thing }`;

/** Every kind of selection, argument and directive once. */
export const primingQuery = `
  query Prime($id: ID!, $first: Int = 3, $yes: Boolean = true, $filter: Filter) {
    node(id: $id) { __typename id ... on Thing { ...Row } ... on Part @include(if: $yes) { count } }
    things(filter: { name: "n", kinds: [A], inner: { ids: ["1", "2"] } }, first: 2) {
      ...Row
      parts(first: $first, filter: $filter) { id isSpare thing @skip(if: false) { again: name } }
    }
    found { ... on Node { id } ... on Part { id thing { ...Row } } }
  }
  fragment Row on Thing { id name tags kind size(unit: INCH, scale: 1.5) }`;

const key = [
  {
    kind: "InlineFragment",
    typeCondition: "Thing",
    selections: [
      { kind: "Field", name: "__typename" },
      { kind: "Field", name: "id" },
    ],
  },
] as const;
const row = "__typename ...on Thing{name again:name tags kind size(unit:INCH scale:1.5)}";
export const primingPlan: QueryPlan = {
  kind: "QueryPlan",
  node: {
    kind: "Sequence",
    nodes: [
      {
        kind: "Fetch",
        serviceName: "one",
        operationKind: "query",
        operationName: "Prime__one__0",
        variableUsages: ["id"],
        operation:
          "query Prime__one__0($id:ID!){node(id:$id){__typename id}things{__typename id parts{id isSpare thing{__typename id}}}found{__typename ...on Thing{id}...on Part{id thing{__typename id}}}}",
      },
      {
        kind: "Parallel",
        nodes: [
          {
            kind: "Flatten",
            path: ["things", "@"],
            node: {
              kind: "Fetch",
              serviceName: "two",
              operationKind: "query",
              requires: key,
              operation: `query($representations:[_Any!]!){_entities(representations:$representations){${row}}}`,
            },
          },
          {
            kind: "BatchFetch",
            serviceName: "two",
            operation: `query($a:[_Any!]!,$b:[_Any!]!){a:_entities(representations:$a){${row}}b:_entities(representations:$b){${row}}}`,
            entities: [
              { alias: "a", variable: "a", paths: [["things", "@", "parts", "@", "thing"]], requires: key },
              { alias: "b", variable: "b", paths: [["found", "@", "|[Part]", "thing"], ["node"]], requires: key },
            ],
          },
        ],
      },
    ],
  },
};

const thing = { __typename: "Thing", name: 'a "name"', again: 'a "name"', tags: ["x"], kind: "A", size: 1.5 };
const part = { id: "p", isSpare: true, thing: { __typename: "Thing", id: "1" } };
const replies = {
  one: {
    node: { __typename: "Thing", id: "1" },
    things: [{ __typename: "Thing", id: "1", parts: [part, null] }],
    found: [{ __typename: "Part", ...part }, null],
  },
  entities: { _entities: [thing] },
  batch: { a: [thing], b: [thing] },
};

/** Answers as subgraphs do, read by the decoder where there is one. */
export const primingFetch: SubgraphFetch = async ({ subgraph, query, decode }) => {
  const data = subgraph === "one" ? replies.one : query.includes("a:_entities") ? replies.batch : replies.entities;
  const text = JSON.stringify({ data });
  return decode?.(text) ?? { data };
};
