import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, afterEach, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { refusalOf } from "./testing/refusal-of.ts";
import { ask, send, type TestRequest } from "./testing/send.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const gateway = await startTestGateway();
after(gateway.stop);
const { port } = gateway;
const json = { "content-type": "application/json" };
const open = { query: "{ open }" };

afterEach(async () => {
  assert.equal((await ask(port, { query: "{ __typename }" })).status, 200, "it still answers");
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("takes a GET that a browser had to ask for first", async () => {
  const path = `/graphql?${new URLSearchParams({ query: "query ($t: String) { echo(text: $t) }", variables: '{"t":"ä"}' })}`;
  for (const headers of [{ "apollo-require-preflight": "1" }, { "x-apollo-operation-name": "x" }, json]) {
    const answer = await send(port, { method: "GET", path, headers });
    assert.deepEqual(answer.json, { data: { echo: '{"text":"ä"}' } });
  }
});

const batch = [open, open];
const bodies: Record<string, [body: string | Buffer, expected: string]> = {
  "cut-off JSON": ['{"query":', "400 BAD_REQUEST"],
  null: ["null", "400 BAD_REQUEST"],
  "a string": ['"x"', "400 BAD_REQUEST"],
  nothing: ["", "400 BAD_REQUEST"],
  "an empty object": ["{}", "400 BAD_REQUEST"],
  "an empty query": ['{"query":""}', "400 BAD_REQUEST"],
  "a number as query": ['{"query":7}', "400 BAD_REQUEST"],
  "a batch": [JSON.stringify(batch), "400 BAD_REQUEST"],
  "variables as string": ['{"query":"{open}","variables":"x"}', "400 BAD_REQUEST"],
  "variables as array": ['{"query":"{open}","variables":[]}', "400 BAD_REQUEST"],
  "variables as number": ['{"query":"{open}","variables":1}', "400 BAD_REQUEST"],
  "extensions as string": ['{"query":"{open}","extensions":"x"}', "400 BAD_REQUEST"],
  "operationName as number": ['{"query":"{open}","operationName":3}', "400 BAD_REQUEST"],
  "bytes that are not UTF-8": [Buffer.from('{"query":"{open}","x":"\xff"}', "latin1"), "400 BAD_REQUEST"],
  "a syntax error": ['{"query":"{"}', "400 GRAPHQL_PARSE_FAILED"],
  "an unknown field": ['{"query":"{ opn }"}', "400 GRAPHQL_VALIDATION_FAILED"],
  "an unknown operationName": ['{"query":"{open}","operationName":"X"}', "400 OPERATION_RESOLUTION_FAILURE"],
  "two operations, none named": ['{"query":"query A{open} query B{open}"}', "400 OPERATION_RESOLUTION_FAILURE"],
  "13 levels": [JSON.stringify({ query: `{${"self{".repeat(12)}open${"}".repeat(12)}}` }), "400 OPERATION_TOO_COMPLEX"],
  "1,000 times __typename": [JSON.stringify({ query: `{${"__typename ".repeat(1_000)}}` }), "400 OPERATION_TOO_COMPLEX"],
  "10,000 brackets": [JSON.stringify({ query: `{echo(text:${"[".repeat(10_000)}` }), "400 GRAPHQL_PARSE_FAILED"],
  "2,000 unknown fields": [
    JSON.stringify({ query: `{self{${Array.from({ length: 900 }, (_, i) => `zz${i}`).join(" ")}}}` }),
    "400 GRAPHQL_VALIDATION_FAILED",
  ],
  "unknown fields of long names": [
    JSON.stringify({ query: `{self{${Array.from({ length: 60 }, (_, i) => `z${"z".repeat(400)}${i}`).join(" ")}}}` }),
    "400 GRAPHQL_VALIDATION_FAILED",
  ],
  "a subscription": ['{"query":"subscription { events }"}', "400 BAD_REQUEST"],
  "variables nested 10,000 deep": [
    `{"query":"{open}","variables":{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`,
    "400 BAD_REQUEST",
  ],
  "variables of 64 KiB and a byte": [JSON.stringify({ ...open, variables: { a: "x".repeat(64 * 1024 - 7) } }), "400 BAD_REQUEST"],
  "__proto__ inside a variable": ['{"query":"{open}","variables":{"j":{"__proto__":{"isAdmin":true}}}}', "400 BAD_USER_INPUT"],
  "introspection of the schema": ['{"query":"{ __schema { types { name } } }"}', "400 GRAPHQL_VALIDATION_FAILED"],
  "introspection in a fragment": [
    '{"query":"{ ...F } fragment F on Query { __type(name: \\"Query\\") { name } }"}',
    "400 GRAPHQL_VALIDATION_FAILED",
  ],
  "federation's own fields": ['{"query":"{ _service { sdl } }"}', "400 GRAPHQL_VALIDATION_FAILED"],
};
for (const [name, [body, expected]] of Object.entries(bodies)) {
  test(`a body of ${name}: ${expected}`, async () => {
    gateway.executed.length = 0;
    assert.equal(refusalOf(await send(port, { headers: json, body })), expected);
    assert.equal(gateway.executed.length, 0);
  });
}

const query = JSON.stringify(open);
const requests: Record<string, [request: TestRequest, expected: string]> = {
  "POST of text/plain": [{ headers: { "content-type": "text/plain" }, body: query }, "400 BAD_REQUEST"],
  "POST of a form": [
    { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "query={open}" },
    "400 BAD_REQUEST",
  ],
  "POST of a multipart form": [
    { headers: { "content-type": "multipart/form-data; boundary=x" }, body: query },
    "400 BAD_REQUEST",
  ],
  "POST without content type": [{ body: query }, "400 BAD_REQUEST"],
  "POST with a content type that is none": [{ headers: { "content-type": "," }, body: query }, "400 BAD_REQUEST"],
  "POST of text/plain after a preflight": [
    { headers: { "content-type": "text/plain", "apollo-require-preflight": "1" }, body: query },
    "415 BAD_REQUEST",
  ],
  "POST of application/graphql": [
    { headers: { "content-type": "application/graphql", "apollo-require-preflight": "1" }, body: "{open}" },
    "415 BAD_REQUEST",
  ],
  "charset utf-7": [{ headers: { "content-type": "application/json; charset=utf-7" }, body: query }, "415 BAD_REQUEST"],
  "charset ibm037": [{ headers: { "content-type": "application/json;charset=ibm037" }, body: query }, "415 BAD_REQUEST"],
  "GET without preflight": [{ method: "GET", path: "/graphql?query={__typename}" }, "400 BAD_REQUEST"],
  "GET with an empty preflight header": [
    { method: "GET", path: "/graphql?query={__typename}", headers: { "apollo-require-preflight": "" } },
    "400 BAD_REQUEST",
  ],
  "GET with message/rfc822": [
    { method: "GET", path: "/graphql?query={__typename}", headers: { "content-type": "message/rfc822" } },
    "415 BAD_REQUEST",
  ],
  "GET of a mutation": [{ method: "GET", path: "/graphql?query=mutation{change}", headers: json }, "405 BAD_REQUEST"],
  "GET with broken variables": [{ method: "GET", path: "/graphql?query={open}&variables={", headers: json }, "400 BAD_REQUEST"],
  "GET without query": [{ method: "GET", headers: json }, "400 BAD_REQUEST"],
  PUT: [{ method: "PUT", headers: json, body: query }, "405 BAD_REQUEST"],
  PATCH: [{ method: "PATCH", headers: json, body: query }, "405 BAD_REQUEST"],
  DELETE: [{ method: "DELETE" }, "405 BAD_REQUEST"],
  "Accept of text/html": [{ headers: { ...json, accept: "text/html" }, body: query }, "406 BAD_REQUEST"],
  "a body of 256 KiB and a byte": [{ headers: json, body: Buffer.alloc(256 * 1024 + 1, " ") }, "413 PAYLOAD_TOO_LARGE"],
  "a body without length that is too large": [
    { headers: { ...json, "transfer-encoding": "chunked" }, body: Buffer.alloc(256 * 1024 + 1, " ") },
    "413 PAYLOAD_TOO_LARGE",
  ],
  "200 MB in gzip": [
    { headers: { ...json, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(200_000_000)) },
    "413 PAYLOAD_TOO_LARGE",
  ],
  "a bomb in brotli": [
    { headers: { ...json, "content-encoding": "br" }, body: brotliCompressSync(Buffer.alloc(2_000_000)) },
    "413 PAYLOAD_TOO_LARGE",
  ],
  "gzip that is none": [{ headers: { ...json, "content-encoding": "gzip" }, body: query }, "400 BAD_REQUEST"],
  "an unknown content encoding": [{ headers: { ...json, "content-encoding": "zstd" }, body: query }, "415 BAD_REQUEST"],
  "an encoding twice": [
    { headers: { ...json, "content-encoding": "gzip, gzip" }, body: gzipSync(gzipSync(query)) },
    "415 BAD_REQUEST",
  ],
  "101 headers": [
    { headers: { ...json, ...Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x${i}`, "1"])) }, body: query },
    "431 BAD_REQUEST",
  ],
  "/": [{ method: "GET", path: "/" }, "404 NOT_FOUND"],
  "/metrics": [{ method: "GET", path: "/metrics" }, "404 NOT_FOUND"],
  "/graphql/../metrics": [{ method: "GET", path: "/graphql/../metrics" }, "404 NOT_FOUND"],
  "/healthz?x": [{ method: "GET", path: "/healthz?x" }, "404 NOT_FOUND"],
  "/graphql/": [{ path: "/graphql/", headers: json, body: query }, "404 NOT_FOUND"],
  "/%67raphql": [{ path: "/%67raphql", headers: json, body: query }, "404 NOT_FOUND"],
  "a bad token": [{ headers: { ...json, authorization: "Bearer bad" }, body: query }, "401 UNAUTHENTICATED"],
};
for (const [name, [request, expected]] of Object.entries(requests)) {
  test(`${name}: ${expected}`, async () => {
    gateway.executed.length = 0;
    assert.equal(refusalOf(await send(port, request)), expected);
    assert.equal(gateway.executed.length, 0);
  });
}

test("a client that announces too much is told so before it has sent anything", async () => {
  const head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000000\r\n\r\n";
  const socket = connect(port, "127.0.0.1");
  socket.write(head);
  const [chunk] = (await once(socket, "data", { signal: AbortSignal.timeout(2_000) })) as [Buffer];
  socket.destroy();
  assert.match(chunk.toString(), /^HTTP\/1\.1 413 /);
});

test("a client is told that a batch is what is wrong, and of no more than 50 faults", async () => {
  assert.match((await ask(port, [open, open])).json.errors[0].message, /batching/i);
  const variables = { i: { name: "x", tags: Array.from({ length: 60 }, (_, index) => index) } };
  const faulty = await ask(port, { query: "query ($i: EchoInput) { echo(input: $i) }", variables });
  assert.equal(refusalOf(faulty), "400 BAD_USER_INPUT");
  assert.equal(faulty.json.errors.length, 50);
});

test("says which methods are possible, and how to authenticate", async () => {
  assert.equal((await send(port, { method: "PUT", headers: json, body: query })).headers.allow, "GET, POST");
  assert.equal(
    (await send(port, { method: "GET", path: "/graphql?query=mutation{change}", headers: json })).headers.allow,
    "POST",
  );
  const unauthenticated = await ask(port, open, { authorization: "Bearer bad" });
  assert.match(unauthenticated.headers["www-authenticate"] ?? "", /^Bearer /);
});

test("a body as large as allowed is read, also compressed, and counted after inflation", async () => {
  const padded = Buffer.from(query.padEnd(256 * 1024, " "));
  const encodings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };
  assert.equal((await send(port, { headers: json, body: padded })).status, 200);
  for (const [encoding, compress] of Object.entries(encodings)) {
    const headers = { ...json, "content-encoding": encoding };
    assert.deepEqual((await send(port, { headers, body: compress(padded) })).json, { data: { open: "yes" } }, encoding);
    const tooLarge = compress(Buffer.from(query.padEnd(256 * 1024 + 1, " ")));
    assert.equal(refusalOf(await send(port, { headers, body: tooLarge })), "413 PAYLOAD_TOO_LARGE", encoding);
  }
});

test("a charset of utf-8 in any spelling is JSON", async () => {
  for (const charset of ["utf-8", "UTF-8", '"utf-8"']) {
    const answer = await send(port, { headers: { "content-type": `application/json; charset=${charset}` }, body: query });
    assert.equal(answer.status, 200, charset);
  }
});
