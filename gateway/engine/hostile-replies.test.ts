import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphQLFormattedError } from "graphql";
import { readReply } from "../subgraph-calls/reply.ts";
import { createExecutor } from "./graph-executor.ts";
import type { PlanNode } from "./index.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const supergraph = await createTestSupergraph({
  shop: `${link} scalar Json enum Kind { A B }
    type Query { orders: [Order!] order: Order n: Int f: Float s: String b: Boolean id: ID any: Json kind: Kind pet: Pet grid: [[Int]] }
    type Order @key(fields: "id") { id: ID! total: Int owner: Owner }
    type Owner @key(fields: "id") { id: ID! }
    interface Pet { name: String } type Cat implements Pet { name: String lives: Int } type Dog implements Pet { name: String }`,
  people: `${link} scalar Json type Owner @key(fields: "id") { id: ID! name: String secret: String! any: Json }`,
});

type Texts = Readonly<Record<string, string>>;

/** Runs a query against subgraphs that answer with these texts: by compiled scanner, by `JSON.parse`, and interpreted. */
async function run(query: string, texts: Texts) {
  const record = supergraph.operation(query);
  assert.ok("operation" in record, String(record));
  const bodies: string[] = [];
  for (const [compileAfterRuns, usesDecoder] of [
    [0, true],
    [0, false],
    [Number.POSITIVE_INFINITY, false],
  ] as const) {
    const { body } = await createExecutor({ compileAfterRuns }).execute({
      record,
      plan: supergraph.plan(query),
      variables: {},
      fetch: async ({ subgraph, decode }) =>
        readReply(subgraph, { status: 200, body: texts[subgraph]! }, usesDecoder ? decode : undefined),
      signal: new AbortController().signal,
    });
    bodies.push(body);
  }
  const answers = bodies.map(
    (body) => JSON.parse(body) as { data: Record<string, unknown> | null; errors?: GraphQLFormattedError[] },
  );
  const [first, ...others] = answers;
  for (const other of others) assert.deepEqual(other, first);
  return first!;
}

const deep = (levels: number, open = "[", close = "]"): string => open.repeat(levels) + close.repeat(levels);
const many = 200_000;
const orders =
  '{"data":{"orders":[{"id":"1","owner":{"__typename":"Owner","id":"o1"}},{"id":"2","owner":{"__typename":"Owner","id":"o2"}}]}}';
const ordersQuery = "{ orders { id owner { id name } } }";
const whole = { orders: ["1", "2"].map((id) => ({ id, owner: { id: `o${id}`, name: null } })) };

/** What a subgraph answers to a query, and what a client may see of it. */
const rows: readonly (readonly [string, string, Texts, unknown, { readonly isExplained: boolean }])[] = [
  // Names that objects inherit
  [
    "own names of prototypes",
    "{ n }",
    { shop: '{"data":{"__proto__":{"n":1},"constructor":{"n":1}}}' },
    { n: null },
    { isExplained: false },
  ],
  [
    "a prototype beside the data",
    "{ n }",
    { shop: '{"__proto__":{"data":{"n":1}},"data":{"n":2}}' },
    { n: 2 },
    { isExplained: false },
  ],
  [
    "a prototype as an entity",
    ordersQuery,
    { shop: orders, people: '{"data":{"_entities":[{"__proto__":{"name":"x"}},{"constructor":{"name":"y"}}]}}' },
    whole,
    { isExplained: false },
  ],
  ["data as a list", "{ n }", { shop: '{"data":[{"n":1}]}' }, { n: null }, { isExplained: true }],
  ["data as text", "{ n }", { shop: '{"data":"n"}' }, { n: null }, { isExplained: true }],
  // Nesting
  ["a deep scalar", "{ any n }", { shop: `{"data":{"any":${deep(many)},"n":1}}` }, { any: null, n: 1 }, { isExplained: true }],
  [
    "deep objects in a scalar",
    "{ any n }",
    { shop: `{"data":{"any":${deep(many, '{"a":', "}").replace(":}", ":1}")},"n":1}}` },
    { any: null, n: 1 },
    { isExplained: true },
  ],
  [
    "a deep scalar of an entity",
    "{ orders { owner { any } } }",
    { shop: orders, people: `{"data":{"_entities":[{"any":${deep(many)}},{"any":1}]}}` },
    { orders: [{ owner: { any: null } }, { owner: { any: 1 } }] },
    { isExplained: true },
  ],
  ["a deep list for a leaf", "{ n }", { shop: `{"data":{"n":${deep(many)}}}` }, { n: null }, { isExplained: true }],
  [
    "a deep list for an object",
    "{ order { id } }",
    { shop: `{"data":{"order":${deep(many)}}}` },
    { order: null },
    { isExplained: true },
  ],
  [
    "a deep error",
    "{ n }",
    { shop: `{"data":{"n":null},"errors":[{"message":"m","extensions":{"a":${deep(many)}}}]}` },
    { n: null },
    { isExplained: true },
  ],
  ["deep extensions", "{ n }", { shop: `{"data":{"n":1},"extensions":{"a":${deep(many)}}}` }, { n: 1 }, { isExplained: false }],
  // Wrong kinds
  ["text for an object", "{ order { id } }", { shop: '{"data":{"order":"x"}}' }, { order: null }, { isExplained: true }],
  [
    "a list for an object",
    "{ order { id } }",
    { shop: '{"data":{"order":[{"id":"1"}]}}' },
    { order: null },
    { isExplained: true },
  ],
  [
    "an object for a list",
    "{ orders { id } }",
    { shop: '{"data":{"orders":{"id":"1","length":1,"0":{"id":"2"}}}}' },
    { orders: null },
    { isExplained: true },
  ],
  [
    "objects for leaves",
    "{ n f s b id kind }",
    { shop: '{"data":{"n":{},"f":[],"s":{"a":1},"b":1,"id":true,"kind":"C"}}' },
    { n: null, f: null, s: null, b: null, id: null, kind: null },
    { isExplained: true },
  ],
  [
    "lists of the wrong depth",
    "{ grid }",
    { shop: '{"data":{"grid":[1,[2],[[3]]]}}' },
    { grid: [null, [2], [null]] },
    { isExplained: true },
  ],
  [
    "a type the schema lacks",
    "{ pet { name } }",
    { shop: '{"data":{"pet":{"__typename":"Horse","name":"x"}}}' },
    { pet: null },
    { isExplained: true },
  ],
  [
    "a type of another kind",
    "{ pet { name } }",
    { shop: '{"data":{"pet":{"__typename":"Order","name":"x"}}}' },
    { pet: null },
    { isExplained: true },
  ],
  [
    "a type that is no text",
    "{ pet { name } }",
    { shop: '{"data":{"pet":{"__typename":{"a":1},"name":"x"}}}' },
    { pet: null },
    { isExplained: true },
  ],
  // Entities
  [
    "fewer entities",
    ordersQuery,
    { shop: orders, people: '{"data":{"_entities":[{"name":"x"}]}}' },
    whole,
    { isExplained: true },
  ],
  [
    "more entities",
    ordersQuery,
    { shop: orders, people: '{"data":{"_entities":[{"name":"x"},{"name":"y"},{"name":"z"}]}}' },
    whole,
    { isExplained: true },
  ],
  ["no entities", ordersQuery, { shop: orders, people: '{"data":{"_entities":null}}' }, whole, { isExplained: true }],
  [
    "entities as an object",
    ordersQuery,
    { shop: orders, people: '{"data":{"_entities":{"0":{"name":"x"},"1":{"name":"y"},"length":2}}}' },
    whole,
    { isExplained: true },
  ],
  [
    "other things than entities",
    ordersQuery,
    { shop: orders, people: '{"data":{"_entities":["x",[{"name":"y"}]]}}' },
    whole,
    { isExplained: false },
  ],
  [
    "an entity without a key",
    ordersQuery,
    { shop: '{"data":{"orders":[{"id":"1","owner":{"__typename":"Owner"}}]}}', people: '{"data":{"_entities":[{"name":"x"}]}}' },
    { orders: [{ id: "1", owner: null }] },
    { isExplained: true },
  ],
  // Text
  ["repeated keys", "{ n s }", { shop: '{"data":{"n":1,"n":2,"s":"a"}}' }, { n: 2, s: "a" }, { isExplained: false }],
  ["repeated data", "{ n }", { shop: '{"data":{"n":1},"data":{"n":2}}' }, { n: 2 }, { isExplained: false }],
  [
    "lone surrogates",
    "{ s any }",
    { shop: '{"data":{"s":"\\ud800","any":["\\udc00\\ud800"]}}' },
    { s: "\ud800", any: ["\udc00\ud800"] },
    { isExplained: false },
  ],
  ["control characters", "{ s }", { shop: '{"data":{"s":"a\nb"}}' }, { s: null }, { isExplained: true }],
  [
    "infinite numbers",
    "{ n f id any }",
    { shop: '{"data":{"n":1e999,"f":-1e999,"id":1e999,"any":1e999}}' },
    { n: null, f: null, id: null, any: null },
    { isExplained: true },
  ],
  [
    "an infinite number in a scalar",
    "{ any }",
    { shop: '{"data":{"any":{"a":[1e999]}}}' },
    { any: { a: [null] } },
    { isExplained: false },
  ],
  ["what is no number", "{ f }", { shop: '{"data":{"f":NaN}}' }, { f: null }, { isExplained: true }],
  ["a good beginning", "{ n }", { shop: '{"data":{"n":1}} trailing' }, { n: null }, { isExplained: true }],
  ["two replies", "{ n }", { shop: '{"data":{"n":1}}{"data":{"n":2}}' }, { n: null }, { isExplained: true }],
  ["half a reply", "{ n s }", { shop: '{"data":{"n":1,"s":"a' }, { n: null, s: null }, { isExplained: true }],
  ["a byte order mark", "{ n }", { shop: '\ufeff{"data":{"n":1}}' }, { n: null }, { isExplained: true }],
  ["nothing", "{ n }", { shop: "" }, { n: null }, { isExplained: true }],
  ["null", "{ n }", { shop: "null" }, { n: null }, { isExplained: true }],
  // Errors
  [
    "a path that is a number",
    "{ n }",
    { shop: '{"data":{"n":null},"errors":[{"message":"m","path":5}]}' },
    { n: null },
    { isExplained: true },
  ],
  [
    "a path of objects",
    ordersQuery,
    { shop: orders, people: '{"data":null,"errors":[{"message":"m","path":[{"a":1},null,["x"]]}]}' },
    whole,
    { isExplained: true },
  ],
  [
    "a path out of bounds",
    ordersQuery,
    {
      shop: orders,
      people:
        '{"data":{"_entities":[null,null]},"errors":[{"message":"m","path":["_entities",7,"name"]},{"message":"k","path":["_entities",-1]}]}',
    },
    whole,
    { isExplained: true },
  ],
  [
    "extensions as text",
    "{ n }",
    { shop: '{"data":{"n":null},"errors":[{"message":"m","extensions":"abc"}]}' },
    { n: null },
    { isExplained: true },
  ],
  ["errors as text", "{ n }", { shop: '{"data":{"n":1},"errors":"many"}' }, { n: 1 }, { isExplained: false }],
  ["errors without data", "{ n }", { shop: '{"errors":[{"message":"m"}]}' }, { n: null }, { isExplained: true }],
];

for (const [title, query, texts, data, { isExplained }] of rows) {
  test(`survives a subgraph that answers ${title}`, async () => {
    const answer = await run(query, texts);
    assert.deepEqual(answer.data, data);
    assert.equal((answer.errors?.length ?? 0) > 0, isExplained, JSON.stringify(answer.errors));
    for (const { extensions } of answer.errors ?? []) assert.equal(extensions?.code, "DOWNSTREAM_SERVICE_ERROR");
  });
}

test("looks at as many errors of a reply as it reports", async () => {
  const errors = Array.from({ length: 100_000 }, (_, n) => ({ message: `m${n}`, path: ["_entities", n % 2, "name"] }));
  const people = JSON.stringify({ data: { _entities: [null, null] }, errors });
  const answer = await run(ordersQuery, { shop: orders, people });
  assert.equal(answer.errors?.length, 200);
});

test("makes no representation of an object whose type is told as a number", async () => {
  const query = "{ pet { name } }";
  const record = supergraph.operation(query);
  assert.ok("operation" in record);
  const requires = ["__typename", "name"].map((name) => ({ kind: "Field", name }) as const);
  const operation = "query($representations:[_Any!]!){_entities(representations:$representations){...on Owner{name}}}";
  const fetch = { kind: "Fetch", operationKind: "query" } as const;
  const owner: PlanNode = { ...fetch, serviceName: "people", requires, operation };
  const nodes: PlanNode[] = [
    { ...fetch, serviceName: "shop", operation: "{pet{__typename name}}" },
    { kind: "Flatten", path: ["pet"], node: owner },
  ];
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const bodies: string[] = [];
    await createExecutor({ compileAfterRuns }).execute({
      record,
      plan: { kind: "QueryPlan", node: { kind: "Sequence", nodes } },
      variables: {},
      fetch: async ({ body }) => {
        bodies.push(body);
        return { data: { pet: { __typename: 55, name: "x" } } };
      },
      signal: new AbortController().signal,
    });
    for (const body of bodies) assert.doesNotThrow(() => JSON.parse(body), body);
    assert.equal(bodies.length, 1);
  }
});
