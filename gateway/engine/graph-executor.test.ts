import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphQLFormattedError } from "graphql";
import { createExecutor } from "./graph-executor.ts";
import type { SubgraphCall, SubgraphReply } from "./index.ts";
import { runBothWays } from "./testing/run-both-ways.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@inaccessible"])';
const supergraph = await createTestSupergraph({
  shop: `${link}
    type Query { orders: [Order!]! first: Order must: Order! pet: Pet info: Json n: Int! kinds: [Kind!] strict: [Order!] }
    type Mutation { add(n: Int!): Order remove(n: Int!): Order }
    type Order @key(fields: "id") { id: ID! total: Int note: String! buyer: Person }
    type Person @key(fields: "id") { id: ID! }
    interface Pet { name: String! } type Cat implements Pet { name: String! lives: Int } type Ghost implements Pet @inaccessible { name: String! }
    enum Kind { OPEN SHUT @inaccessible } scalar Json`,
  people: `${link} type Person @key(fields: "id") { id: ID! name: String! age: Int }
    type Mutation { greet: String }`,
  post: `${link} type Order @key(fields: "id") { id: ID! total: Int @external parcel: String @requires(fields: "total") depot: String dock: String }`,
});

const run = runBothWays(supergraph);
const orders = (...ids: number[]) => ids.map((id) => ({ id: `o${id}`, buyer: { __typename: "Person", id: `p${id % 2}` } }));
const at = (error: GraphQLFormattedError) => error.path?.join(".");

test("places that show the fields of one shared reply in another order, or apart, all get them", async () => {
  const order = { __typename: "Order", id: "o1" };
  const shop = () => ({ data: { first: order, must: order } });
  const post = ({ query }: SubgraphCall) => ({
    data: { _entities: [query.includes("depot dock") ? { depot: "east", dock: "7" } : { dock: "7", depot: "east" }] },
  });
  const values = { id: "o1", depot: "east", dock: "7" };
  const selections = [
    ["depot", "dock"],
    ["depot", "id", "dock"],
    ["dock", "depot"],
  ] as const;
  for (const [one, other] of selections.flatMap((one) => selections.map((other) => [one, other] as const))) {
    const { data, calls } = await run(`{ first { ${one.join(" ")} } must { ${other.join(" ")} } }`, { shop, post });
    const expected = (names: readonly (keyof typeof values)[]) => Object.fromEntries(names.map((name) => [name, values[name]]));
    assert.deepEqual(data, { first: expected(one), must: expected(other) });
    const isAlike = (one[0] === "depot") === (other[0] === "depot");
    assert.equal(calls.length, isAlike ? 2 : 3, "equal fetches stay one");
  }
});

test("asks for each entity once and puts it wherever it belongs", async () => {
  const { data, calls } = await run("{ orders { buyer { name } } first { buyer { name } } }", {
    shop: () => ({ data: { orders: orders(1, 2, 3), first: orders(4)[0] } }),
    people: ({ variables }) => ({
      data: { _entities: (variables.representations as { id: string }[]).map(({ id }) => ({ name: `name of ${id}` })) },
    }),
  });
  assert.deepEqual(data, {
    orders: [1, 0, 1].map((n) => ({ buyer: { name: `name of p${n}` } })),
    first: { buyer: { name: "name of p0" } },
  });
  const [, many, one] = calls.map(
    ({ body }) => (JSON.parse(body) as { variables: { representations?: unknown[] } }).variables.representations,
  );
  assert.equal(many?.length, 2);
  assert.equal(one?.length, 1);
});

test("sends fetches of equal text once in an operation", async () => {
  const { calls } = await run("{ a: first { buyer { name } } b: first { buyer { name } } }", {
    shop: () => ({ data: { a: orders(1)[0], b: orders(3)[0] } }),
    people: () => ({ data: { _entities: [{ name: "x" }] } }),
  });
  assert.deepEqual(
    calls.map(({ subgraph }) => subgraph),
    ["shop", "people"],
  );
});

test("gives an error of an entity the path of every place the entity stands at", async () => {
  const { data, errors } = await run("{ orders { buyer { age } } }", {
    shop: () => ({ data: { orders: orders(1, 2, 3) } }),
    people: () => ({
      data: { _entities: [{ age: null }, { age: 5 }] },
      errors: [{ message: "no age", path: ["_entities", 0, "age"] }],
    }),
  });
  assert.deepEqual(errors?.map(at), ["orders.0.buyer.age", "orders.2.buyer.age"]);
  assert.deepEqual(data, { orders: [{ buyer: { age: null } }, { buyer: { age: 5 } }, { buyer: { age: null } }] });
});

test("loses only what a failed fetch would have filled, and says so once", async () => {
  const down = {
    data: null,
    errors: [{ message: "A service did not answer.", extensions: { code: "DOWNSTREAM_SERVICE_ERROR" } }],
  };
  const { data, errors } = await run("{ orders { id buyer { id name } } n }", {
    shop: () => ({ data: { orders: orders(1, 2), n: 7 } }),
    people: () => down,
  });
  assert.deepEqual(data, {
    orders: [
      { id: "o1", buyer: null },
      { id: "o2", buyer: null },
    ],
    n: 7,
  });
  assert.deepEqual(errors, [
    {
      message: "A service did not answer.",
      path: ["orders"],
      extensions: { code: "DOWNSTREAM_SERVICE_ERROR", service: "people" },
    },
  ]);
  const root = await run("{ orders { id } first { id } }", { shop: () => down });
  assert.equal(root.data, null);
  assert.deepEqual(root.errors?.map(at), ["orders", "first"]);
});

test("propagates a null to the nearest nullable parent, with an error where no subgraph gave one", async () => {
  const { data, errors } = await run("{ first { note } strict { note } n }", {
    shop: () => ({ data: { first: { note: null }, strict: [{ note: "a" }, { note: null }], n: 1 } }),
  });
  assert.deepEqual(data, { first: null, strict: null, n: 1 });
  assert.deepEqual(errors?.map(at), ["first.note", "strict.1.note"]);
  const whole = await run("{ n first { id } }", { shop: () => ({ data: { n: null, first: { id: "o1" } } }) });
  assert.equal(whole.body.endsWith('"data":null}'), true);
});

test("refuses values of the wrong type with an error, and keeps inaccessible types and enum values in", async () => {
  const { data, errors } = await run("{ first { total buyer { id } } kinds pet { name } }", {
    shop: () => ({
      data: { first: { total: "many", buyer: ["x"] }, kinds: ["OPEN", "SHUT"], pet: { __typename: "Ghost", name: "boo" } },
    }),
  });
  assert.deepEqual(data, { first: { total: null, buyer: null }, kinds: null, pet: null });
  assert.deepEqual(errors?.map(at), ["first.total", "first.buyer", "kinds.1", "pet"]);
  assert.ok(!JSON.stringify(errors).includes("Ghost") && !JSON.stringify(errors).includes("SHUT"));
});

test("copies custom scalars as they are and coerces ids that came as numbers", async () => {
  const info = { a: [1, { b: null }], c: '\u2028 "quoted" \\' };
  const { data } = await run("{ info first { id total } }", { shop: () => ({ data: { info, first: { id: 12, total: 1.0 } } }) });
  assert.deepEqual(data, { info, first: { id: "12", total: 1 } });
});

test("treats a client's name like any other, also __proto__ and constructor", async () => {
  const shop = () =>
    JSON.parse('{"data":{"__proto__":{"id":"o1","constructor":3,"toString":"o1"},"hasOwnProperty":2}}') as SubgraphReply;
  const { body } = await run("{ __proto__: first { id constructor: total toString: id } hasOwnProperty: n }", { shop });
  assert.equal(body, '{"data":{"__proto__":{"id":"o1","constructor":3,"toString":"o1"},"hasOwnProperty":2}}');
});

test("runs the mutations of a document one after the other", async () => {
  const order: string[] = [];
  const { data } = await run("mutation { a: add(n: 1) { id } greet b: remove(n: 2) { id } }", {
    shop: async ({ query }) => {
      const name = query.includes("add") ? "a" : "b";
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      return { data: { [name]: { id: name } } };
    },
    people: () => {
      order.push("greet");
      return { data: { greet: "hello" } };
    },
  });
  assert.deepEqual(data, { a: { id: "a" }, greet: "hello", b: { id: "b" } });
  assert.deepEqual(order.slice(0, 5), ["a begins", "a ends", "greet", "b begins", "b ends"]);
});

test("answers introspection beside data", async () => {
  const query = "query ($t: String!) { n __type(name: $t) { name fields { name } } __schema { queryType { name } } __typename }";
  const { data } = await run(query, { shop: () => ({ data: { n: 1 } }) }, { variables: { t: "Cat" } });
  assert.deepEqual(data, {
    n: 1,
    __type: { name: "Cat", fields: [{ name: "name" }, { name: "lives" }] },
    __schema: { queryType: { name: "Query" } },
    __typename: "Query",
  });
});

test("reads replies in another order, with spaces or of the wrong length all the same", async () => {
  const replies = [
    '{"data":{"first":{"id":"o1","total":1},"n":2}}',
    '{ "data": {"n":2,"first":{"total":1,"id":"o1"}}}',
    '{"data":{"n":2,"first":{"total":1,"id":"o1"}},"extensions":{"x":1}}',
  ];
  for (const text of replies) {
    const { data } = await run("{ n first { total id } }", { shop: () => JSON.parse(text) as SubgraphReply });
    assert.deepEqual(data, { n: 2, first: { total: 1, id: "o1" } });
  }
  const short = await run("{ orders { buyer { name } } }", {
    shop: () => ({ data: { orders: orders(1, 2) } }),
    people: () => ({ data: { _entities: [{ name: "x" }] } }),
  });
  assert.deepEqual(short.data, { orders: [{ buyer: null }, { buyer: null }] });
  assert.equal(short.errors?.[0]?.extensions?.reason, "INVALID_REPLY");
});

test("gives the same answer again from the same replies, and another from others", async () => {
  const query = "{ orders { id parcel buyer { name } } }";
  const record = supergraph.operation(query);
  assert.ok("operation" in record);
  const plan = supergraph.plan(query);
  const withTotals = orders(1, 2, 3).map((order, total) => ({ __typename: "Order", ...order, total }));
  const answer = (call: SubgraphCall, name: string): SubgraphReply => {
    const { variables } = JSON.parse(call.body) as { variables: { representations?: { id: string; total?: number }[] } };
    const entities = variables.representations?.map(({ id, total }) => ({ name: `${name} ${id}`, parcel: `${id} ${total}` }));
    return { data: entities ? { _entities: entities } : { orders: withTotals } };
  };
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const executor = createExecutor({ compileAfterRuns });
    const shared = new Map<string, SubgraphReply>(); // as when requests share what is in flight
    const execute = async (name: string, reuse: (subgraph: string) => boolean): Promise<string> => {
      const fetch = async (call: SubgraphCall): Promise<SubgraphReply> => {
        const key = call.subgraph + call.body;
        const known = reuse(call.subgraph) ? shared.get(key) : undefined;
        const fresh = answer(call, name);
        const reply = known ?? { ...(call.decode?.(JSON.stringify(fresh)) ?? fresh), isShared: true };
        shared.set(key, reply);
        return reply;
      };
      const request = { record, plan, variables: {}, fetch, signal: new AbortController().signal };
      return (await executor.execute(request)).body;
    };
    const first = await execute("a", () => false);
    assert.equal(await execute("b", () => true), first);
    assert.equal(await execute("b", (subgraph) => subgraph === "shop"), first.replaceAll('"a p', '"b p'));
    assert.equal(await execute("c", (subgraph) => subgraph !== "people"), first.replaceAll('"a p', '"c p'));
  }
});

test("stops with the signal's reason", async () => {
  const query = "{ n }";
  const record = supergraph.operation(query);
  assert.ok("operation" in record);
  const aborting = new AbortController();
  const fetch = async () => {
    aborting.abort(new Error("gone"));
    throw aborting.signal.reason;
  };
  const request = { record, plan: supergraph.plan(query), variables: {}, fetch, signal: aborting.signal };
  await assert.rejects(createExecutor().execute(request), { message: "gone" });
});
