import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { encodeIdentity } from "@tributary/contracts/identity";
import { signRequest } from "../request-signature/index.ts";
import { reader, startTestSubgraph, testSecret, writer } from "./test-subgraph.ts";

const { server, call, lifecycle } = await startTestSubgraph();
test.after(() => lifecycle.stop("tests done"));

const codes = (answer: { errors?: { extensions: { code: string } }[] }) => answer.errors?.map((error) => error.extensions.code);

test("answers a signed request, with the positions its session saw", async () => {
  const answer = await call({ query: "{ open }" });
  assert.deepEqual(answer, { status: 200, data: { open: "open" }, extensions: { consistency: "test=0/2A" } });
});

test("refuses a request without a signature, and one whose body was changed", async () => {
  const body = JSON.stringify({ query: "{ open }" });
  const unsigned = await server.handle({ method: "POST", path: "/graphql", headers: {}, body });
  assert.equal(unsigned.status, 401);
  const headers = signRequest({ secret: testSecret, method: "POST", path: "/graphql", body, identity: "-", nowMs: Date.now() });
  const changed = await server.handle({ method: "POST", path: "/graphql", headers, body: body.replace("open", "mine") });
  assert.equal(changed.status, 401);
  assert.deepEqual(codes(JSON.parse(changed.body)), ["UNAUTHENTICATED"]);
});

test("refuses a signature that was used before", async () => {
  const body = JSON.stringify({ query: "{ open }" });
  const headers = signRequest({
    secret: testSecret,
    method: "POST",
    path: "/graphql",
    body,
    identity: encodeIdentity(reader),
    nowMs: Date.now(),
  });
  assert.equal((await server.handle({ method: "POST", path: "/graphql", headers, body })).status, 200);
  assert.equal((await server.handle({ method: "POST", path: "/graphql", headers, body })).status, 401);
});

test("@authenticated lets nobody anonymous through, on a field and on the type a field leads to", async () => {
  const anonymous = await call({ query: "{ open mine secret { word } }" });
  assert.deepEqual(anonymous.data, { open: "open", mine: null, secret: null });
  assert.deepEqual(codes(anonymous), ["UNAUTHENTICATED", "UNAUTHENTICATED"]);
  assert.deepEqual((await call({ query: "{ mine secret { word } }" }, reader)).data, {
    mine: "usr_reader",
    secret: { word: "xyzzy" },
  });
});

test("@requiresScopes asks for the scope, and the right to write implies the right to read", async () => {
  assert.deepEqual(codes(await call({ query: "{ tasks }" }, { ...reader, scopes: ["inbox:read"] })), ["FORBIDDEN"]);
  assert.equal((await call({ query: "{ tasks }" }, reader)).data.tasks, "tasks");
  assert.equal((await call({ query: "{ tasks }" }, writer)).data.tasks, "tasks");
});

test("checks scopes on entities too", async () => {
  const query = `{ _entities(representations: [{ __typename: "Note", id: "1" }]) { ... on Note { id body } } }`;
  const denied = await call({ query }, { ...reader, scopes: [] });
  assert.deepEqual(denied.data, { _entities: [{ id: "1", body: null }] });
  assert.deepEqual(codes(denied), ["FORBIDDEN"]);
  assert.equal((await call({ query }, reader)).data._entities[0].body, "body of 1");
});

test("masks an unknown error and keeps the text of one of ours", async () => {
  const answer = await call({ query: "{ fail refuse }" });
  assert.deepEqual(answer.data, { fail: null, refuse: null });
  assert.doesNotMatch(JSON.stringify(answer), /hunter2|srv|stack/);
  assert.deepEqual(codes(answer)?.toSorted(), ["INTERNAL_SERVER_ERROR", "NOT_FOUND"]);
  assert.ok(answer.errors.some((error: { message: string }) => error.message === "There is no such thing"));
});

test("@oneOf takes exactly one field, from literals and from variables", async () => {
  assert.equal((await call({ query: '{ one(ref: { id: "1" }) }' })).data.one, '{"id":"1"}');
  assert.equal((await call({ query: '{ one(ref: { id: "1", slug: "x" }) }' })).status, 400);
  const query = "query ($ref: Ref!) { one(ref: $ref) }";
  assert.deepEqual(codes(await call({ query, variables: { ref: {} } })), ["BAD_USER_INPUT"]);
  assert.deepEqual(codes(await call({ query, variables: { ref: { id: "1", slug: "x" } } })), ["BAD_USER_INPUT"]);
  const nested = await call({ query: "query ($id: ID) { one(ref: { id: $id }) }", variables: {} });
  assert.deepEqual(codes(nested), ["BAD_USER_INPUT"]);
});

test("refuses text that Postgres cannot store, wherever it stands", async () => {
  const query = "query ($text: String) { echo(text: $text) }";
  for (const bad of ["a\0b", "\ud800", "a\udfff", "\udc00\ud800"]) {
    assert.deepEqual(codes(await call({ query, variables: { text: bad } })), ["BAD_USER_INPUT"]);
  }
  for (const literal of ['"a\\u0000b"', '"\\u0000"'])
    assert.equal((await call({ query: `{ echo(text: ${literal}) }` })).status, 400);
  for (const good of ["a\\u0000b", "\u{1f6f6}", "\ufffd"]) {
    const answer = await call({ query, variables: { text: good } }); // a backslash is not the character
    assert.equal(JSON.parse(answer.data.echo).text, good);
  }
});

test("gives 400 for what is no GraphQL request", async () => {
  for (const body of ["", "null", '"x"', "[]", '{"query":', "{}", '{"query":7}', '{"query":"{"}', '{"query":"{ nothing }"}']) {
    assert.equal((await call(body)).status, 400, body);
  }
});

test("does not run subscriptions over HTTP", async () => {
  assert.deepEqual(codes(await call({ query: "subscription { count(to: 1) }" })), ["BAD_REQUEST"]);
});

test("gives up when the caller's time is over", async () => {
  const answer = await call({ query: "{ slow }" }, null, { "x-deadline-ms": "30" });
  assert.equal(answer.status, 504);
  assert.deepEqual(codes(answer), ["TIMEOUT"]);
});

test("serves its SDL to signed callers", async () => {
  const answer = await call({ query: "{ _service { sdl } __schema { queryType { name } } }" });
  assert.match(answer.data._service.sdl, /@requiresScopes/);
  assert.match(answer.data._service.sdl, /input Ref\s+@oneOf/);
});

test("over a socket: routes without a signature, 404, 405, and 413 for a body above the cap", async () => {
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const send = (method: string, path: string, body?: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const outgoing = httpRequest({ host: "127.0.0.1", port, method, path, agent: false }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => resolve({ status: incoming.statusCode!, body: Buffer.concat(chunks).toString() }));
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  assert.deepEqual(await send("GET", "/hello"), { status: 200, body: "hello" });
  assert.equal((await send("POST", "/hello")).status, 405);
  assert.equal((await send("GET", "/metrics")).status, 404);
  assert.equal((await send("GET", "/graphql")).status, 405);
  const large = await send("POST", "/graphql", "x".repeat(256 * 1024 + 1));
  assert.equal(large.status, 413);
  assert.deepEqual(codes(JSON.parse(large.body)), ["PAYLOAD_TOO_LARGE"]);
});
