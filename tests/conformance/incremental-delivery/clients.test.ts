import assert from "node:assert/strict";
import { after, test } from "node:test";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { open, parseEvents, parseMultipart } from "./read-parts.ts";
import { startLibrary } from "./start-library.ts";

const library = await startLibrary({ CORS_ORIGINS: "https://app.example" });
after(library.stop);
const { port } = library;
const query = '{ book(id: "b1") { title ... @defer(label: "r") { rating } } }';
const wholeAnswer = { data: { book: { title: "Knots", rating: 3.5 } } };

const versioned = 'multipart/mixed; boundary="-"; deferSpec=20220824';
const unversioned = 'multipart/mixed; boundary="-"';
const events = "text/event-stream; charset=utf-8";
const json = "application/json; charset=utf-8";
const graphqlJson = "application/graphql-response+json; charset=utf-8";

test("each client gets @defer in a media type it takes, never in another", async () => {
  const chosen: readonly (readonly [accept: string, contentType: string])[] = [
    ["multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9", versioned], // Apollo Client 4
    ["multipart/mixed;deferSpec=20220824, application/json", versioned], // Apollo Client 3, iOS, Kotlin
    ["application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed", events], // urql
    ["multipart/mixed; deferSpec=20220824", versioned],
    ["Multipart/Mixed;DeferSpec=20220824", versioned],
    ["multipart/mixed", unversioned],
    ['multipart/mixed; boundary="x", */*', unversioned],
    ["text/event-stream", events],
    ["text/event-stream;q=0.5, multipart/mixed", unversioned],
    ["*/*", json],
    ["multipart/*, application/json", json],
    ["application/json, multipart/mixed;q=0.5", json],
    ["application/json, multipart/mixed;q=0", json],
    ["application/graphql-response+json", graphqlJson],
    ["multipart/mixed;incrementalSpec=v0.2, application/graphql-response+json", graphqlJson], // Apollo Client's later format
    ['multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json', json],
    ["multipart/mixed;deferSpec=20991231, application/json", json],
  ];
  for (const [accept, contentType] of chosen) {
    const answer = await open(port, { query }, { accept });
    assert.equal(answer.headers["content-type"], contentType, accept);
    const text = await answer.end();
    if (contentType === json || contentType === graphqlJson) assert.deepEqual(JSON.parse(text), wholeAnswer, accept);
    else assert.match(text, /"label":"r"/, accept);
  }
});

test("who takes parts alone gets answers in one piece, refusals too, as the one part", async () => {
  const plain = await open(port, { query: "{ shelf { name } }" }, { accept: "multipart/mixed" });
  const data = { shelf: { name: "north" } };
  assert.deepEqual(parseMultipart(plain.headers["content-type"], await plain.end()), [{ data, hasNext: false }]);
  const stream = await open(port, { query: "{ shelf { name } }" }, { accept: "text/event-stream" });
  assert.deepEqual(parseEvents(stream.headers["content-type"], await stream.end()), [{ data }]);

  const refused = await open(port, { query: "{ nobody }" }, { accept: "multipart/mixed" });
  assert.equal(refused.status, 400);
  const [part] = parseMultipart(refused.headers["content-type"], await refused.end());
  assert.equal(part?.errors?.[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED");
  assert.equal(part?.hasNext, false);

  const told = await open(port, { query: "{ nobody }" }, { accept: "text/event-stream" });
  assert.equal(told.status, 200, "an EventSource reads nothing else");
  const [event] = parseEvents(told.headers["content-type"], await told.end());
  assert.equal(event?.errors?.[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED");
  const broken = await open(port, { nothing: true }, { accept: "text/event-stream" });
  assert.equal(broken.status, 400);
  assert.equal((await open(port, { query }, { accept: "text/html" })).status, 406);
});

test("pages of listed origins read parts, and nobody else's; a request no preflight preceded is refused", async () => {
  const listed = await open(port, { query }, { accept: "multipart/mixed", origin: "https://app.example" });
  assert.equal(listed.headers["access-control-allow-origin"], "https://app.example");
  const other = await open(port, { query }, { accept: "multipart/mixed", origin: "https://evil.example" });
  assert.equal(other.headers["access-control-allow-origin"], undefined);
  const simple = await open(port, { query }, { accept: "multipart/mixed", "content-type": "text/plain" });
  assert.equal(simple.status, 400);
});

test("parts are not compressed: each must be readable when it comes", async () => {
  const answer = await open(
    port,
    { query: "{ books(times: 200) { title ... @defer { pages } } }" },
    { accept: "multipart/mixed", "accept-encoding": "gzip, br" },
  );
  assert.equal(answer.headers["content-encoding"], undefined);
  assert.equal(parseMultipart(answer.headers["content-type"], await answer.end()).length, 2);
});

test("introspection lists @defer", async () => {
  const answer = await open(port, { query: getIntrospectionQuery() }, {});
  const { data } = JSON.parse(await answer.end()) as { data: IntrospectionQuery };
  assert.match(
    printSchema(buildClientSchema(data)),
    /directive @defer\([^)]*if: Boolean! = true[^)]*label: String[^)]*\) on FRAGMENT_SPREAD \| INLINE_FRAGMENT/,
  );
});

test("the executor that cannot defer does not offer it", async (t) => {
  const apollo = await startLibrary({ GATEWAY_EXECUTOR: "apollo" });
  t.after(apollo.stop);
  const answer = await open(apollo.port, { query }, {});
  assert.match(await answer.end(), /Unknown directive \\"@defer\\"/);
});

test("over a WebSocket the answer is whole", async () => {
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const results: unknown[] = [];
  for await (const result of client.iterate({ query })) results.push(result);
  await client.dispose();
  assert.deepEqual(results, [wholeAnswer]);
});

const refusals: readonly (readonly [name: string, query: string, variables: Record<string, unknown>, code: string])[] = [
  [
    "the same label twice",
    '{ shelf { ... @defer(label: "a") { name } ... @defer(label: "a") { place { room } } } }',
    {},
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["a label from a variable", "query ($l: String) { shelf { ... @defer(label: $l) { name } } }", {}, "GRAPHQL_VALIDATION_FAILED"],
  ["on a field", "{ shelf @defer { name } }", {}, "GRAPHQL_VALIDATION_FAILED"],
  [
    "at the root of a mutation",
    'mutation { ... @defer { rename(id: "b1", title: "x") { id } } }',
    {},
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["in a subscription", "subscription { renamed { ... @defer { rating } } }", {}, "GRAPHQL_VALIDATION_FAILED"],
  [
    "in a subscription, by a fragment",
    "subscription { renamed { ...B } } fragment B on Book { id ... @defer { rating } }",
    {},
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "in a subscription, by a variable",
    "subscription ($d: Boolean!) { renamed { ... @defer(if: $d) { rating } } }",
    { d: true },
    "BAD_USER_INPUT",
  ],
  ["too many", `{ shelf { ${"... @defer { name } ".repeat(21)} } }`, {}, "OPERATION_TOO_COMPLEX"],
];
for (const [name, refused, variables, code] of refusals) {
  test(`refused: ${name}`, async () => {
    const answer = await open(port, { query: refused, variables }, {});
    assert.equal(answer.status, 400);
    const { errors } = JSON.parse(await answer.end());
    assert.equal(errors[0].extensions.code, code, JSON.stringify(errors));
  });
}

test("a subscription may switch @defer off", async () => {
  for (const [text, variables] of [
    ["subscription { renamed { ... @defer(if: false) { rating } } }", {}],
    ["subscription ($d: Boolean!) { renamed { ... @defer(if: $d) { rating } } }", { d: false }],
  ] as const) {
    const answer = await open(port, { query: text, variables }, {});
    assert.match(await answer.end(), /Subscriptions run over WebSocket/, "it got as far as any subscription does over HTTP");
  }
});
