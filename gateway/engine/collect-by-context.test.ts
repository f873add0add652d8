import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphQLFormattedError } from "graphql";
import { repeatOperation } from "./ask-in-contexts.ts";
import { createExecutor } from "./graph-executor.ts";
import type { SubgraphReply } from "./index.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@context", "@fromContext"])';
const supergraph = await createTestSupergraph({
  shop: `${link} type Query { shops: [Shop] } type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String offers: [Offer!] shelf: Shelf taxes: [Tax] }
    type Tax { rates: [Rate!] } type Rate { percent: Int }
    type Shelf @key(fields: "id") { id: ID! }
    type Offer @key(fields: "id") { id: ID! price(currency: String @fromContext(field: "$shop { currency }")): String
      taxed(percents: [[Int]] @fromContext(field: "$shop { taxes { rates { percent } } }")): String }`,
  stock: `${link} type Shelf @key(fields: "id") { id: ID! top: Offer } type Offer @key(fields: "id") { id: ID! }`,
});

type Variables = Readonly<Record<string, unknown>>;
type Request = { readonly subgraph: string; readonly query: string; readonly variables: Variables };

/** Runs a query, compiled and interpreted, against subgraphs that answer as told; both must give the same text. */
async function run(query: string, answer: (request: Request) => SubgraphReply) {
  const record = supergraph.operation(query);
  assert.ok("operation" in record, String(record));
  const runs: { body: string; requests: Request[] }[] = [];
  for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
    const requests: Request[] = [];
    const { body } = await createExecutor({ compileAfterRuns }).execute({
      record,
      plan: supergraph.plan(query),
      variables: {},
      fetch: async ({ subgraph, body: text, decode }) => {
        const request = { subgraph, ...(JSON.parse(text) as { query: string; variables: Variables }) };
        requests.push(request);
        const reply = answer(request);
        return decode?.(JSON.stringify(reply)) ?? reply;
      },
      signal: new AbortController().signal,
    });
    runs.push({ body, requests });
  }
  assert.equal(runs[0]!.body, runs[1]!.body);
  const { data, errors = [] } = JSON.parse(runs[0]!.body) as { data: unknown; errors?: GraphQLFormattedError[] };
  return { data, errors, requests: runs[0]!.requests };
}

const shops = (...currencies: (string | null)[]) => ({
  data: {
    shops: currencies.map((currency, n) => ({
      __typename: "Shop",
      id: `s${n}`,
      currency,
      offers: [{ __typename: "Offer", id: "o" }],
      shelf: { __typename: "Shelf", id: "h" },
    })),
  },
});

/** Answers each list of entities that is asked for by what its context is. */
function prices({ query, variables }: Request): SubgraphReply {
  const lists = [
    ...query.matchAll(/(?:(\w+):)?_entities\(representations:\$(\w+)\)\{\.\.\.on Offer\{price\(currency:\$(\w+)\)/g),
  ];
  const data = lists.map(([, alias = "_entities", representations, currency]) => [
    alias,
    (variables[representations!] as { id: string }[]).map(({ id }) => ({ price: `${id} ${variables[currency!]}` })),
  ]);
  return { data: Object.fromEntries(data) as Record<string, unknown> };
}

const priceOf = (price: string | null) => ({ offers: [{ price }] });

test("asks once for all entities that stand in the same context, and apart for others, in one request", async () => {
  const query = "{ shops { offers { price } } }";
  const same = await run(query, (request) => (request.query.includes("_entities") ? prices(request) : shops("EUR", "EUR")));
  assert.deepEqual(same.data, { shops: [priceOf("o EUR"), priceOf("o EUR")] });
  assert.equal((same.requests[1]!.variables.representations as unknown[]).length, 1);
  const unlike = await run(query, (request) =>
    request.query.includes("_entities") ? prices(request) : shops("EUR", null, "SEK"),
  );
  assert.deepEqual(unlike.data, { shops: [priceOf("o EUR"), priceOf("o null"), priceOf("o SEK")] });
  assert.equal(unlike.requests.length, 2);
});

test("splits more groups than one request takes, and loses only those of a request that fails", async () => {
  const currencies = Array.from({ length: 60 }, (_, n) => `C${n}`);
  let failed = 0;
  const { data, errors, requests } = await run("{ shops { offers { price } } }", (request) => {
    if (!request.query.includes("_entities")) return shops(...currencies);
    const reply = prices(request);
    if (!JSON.stringify(reply).includes('"o C30"')) return reply;
    failed += 1;
    return { data: null, errors: [{ message: "down" }] };
  });
  assert.equal(requests.length, 4);
  assert.equal(failed, 2); // compiled and interpreted
  assert.deepEqual(data, { shops: currencies.map((each, n) => priceOf(n >= 25 && n < 50 ? null : `o ${each}`)) });
  assert.deepEqual(
    errors.map(({ message, path }) => ({ message, path })),
    [{ message: "down", path: ["shops"] }],
  );
});

test("keeps apart what belongs to one entity at two places with different contexts", async () => {
  const { data } = await run("{ shops { shelf { top { price } } } }", (request) => {
    if (request.subgraph === "stock") return { data: { _entities: [{ top: { __typename: "Offer", id: "t" } }] } };
    return request.query.includes("_entities") ? prices(request) : shops("EUR", "SEK");
  });
  assert.deepEqual(data, { shops: ["t EUR", "t SEK"].map((price) => ({ shelf: { top: { price } } })) });
});

test("takes a context's value from below the object that sets it, through lists and nulls", async () => {
  const taxes = [{ rates: [{ percent: 7 }, { percent: null }] }, null, { rates: null }];
  const { requests } = await run("{ shops { offers { taxed } } }", ({ query }) => {
    if (query.includes("_entities")) return { data: { _entities: [{ taxed: "x" }] } };
    return { data: { shops: shops("EUR").data.shops.map((shop) => ({ ...shop, taxes })) } };
  });
  const { representations: _, ...contexts } = requests[1]!.variables;
  assert.deepEqual(Object.values(contexts), [[[7, null], null, null]]);
});

test("gives errors of entities in contexts the paths of their places, and refuses lists of the wrong length", async () => {
  const { data, errors } = await run("{ shops { offers { price } } }", (request) => {
    if (!request.query.includes("_entities")) return shops("EUR", "SEK", "NOK");
    return {
      data: { ...prices(request).data, _entities_1: [{ price: null }], _entities_2: [] },
      errors: [{ message: "no price", path: ["_entities_1", 0, "price"] }],
    };
  });
  assert.deepEqual(data, { shops: ["o EUR", null, null].map(priceOf) });
  assert.deepEqual(
    errors.map(({ message, path }) => `${path?.join(".")} ${message}`),
    ["shops.1.offers.0.price no price", "shops A service answered in a wrong shape."],
  );
});

test("leaves out the fields whose context was not answered, and says so", async () => {
  const { data, errors } = await run("{ shops { offers { id price } } }", (request) => {
    if (request.query.includes("_entities")) {
      assert.ok(!request.query.includes("currency"), request.query);
      return { data: { _entities_0: [{ __typename: "Offer" }] } };
    }
    const { data } = shops("EUR");
    return { data: { shops: data.shops.map(({ currency: _, ...shop }) => shop) } };
  });
  assert.deepEqual(data, { shops: [{ offers: [{ id: "o", price: null }] }] });
  assert.equal(errors[0]?.extensions?.reason, "MISSING_CONTEXT");
});

test("gives each group its own variables and fragments, and drops fields without a context", () => {
  const operation =
    "query($representations:[_Any!]!$n:Int$c:String$d:Int!){_entities(representations:$representations){...F}}fragment F on Offer{price(currency:$c n:$n)size(of:$d)}";
  assert.equal(
    repeatOperation(operation, new Set(["representations", "c", "d"]), [new Set(), new Set(["d"])]),
    "query($representations_0:[_Any!]!$n:Int$c_0:String$d_0:Int!$representations_1:[_Any!]!$c_1:String){_entities_0:_entities(representations:$representations_0){...F_0}_entities_1:_entities(representations:$representations_1){...F_1}}fragment F_0 on Offer{price(currency:$c_0 n:$n)size(of:$d_0)}fragment F_1 on Offer{price(currency:$c_1 n:$n)__typename}",
  );
});
