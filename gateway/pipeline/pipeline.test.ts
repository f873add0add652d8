import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { after, afterEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { parseConsistency } from "@tributary/contracts/consistency";
import { ask, send, sendRaw, type TestAnswer, type TestRequest } from "./testing/send.ts";
import { bigText, startTestGateway } from "./testing/test-gateway.ts";

const gateway = await startTestGateway({ corsOrigins: ["https://app.example"] });
const development = await startTestGateway({ production: false });
after(() => Promise.all([gateway.stop(), development.stop()]));

const { port } = gateway;
const json = { "content-type": "application/json" };
const open = { query: "{ open }" };

/** The code and status of a refusal, after checking that it is one as all are. */
function refusal(answer: TestAnswer): string {
  assert.match(answer.headers["content-type"] ?? "", /^application\/(graphql-response\+)?json; charset=utf-8$/);
  assert.equal(answer.json.data, undefined);
  for (const { message, extensions } of answer.json.errors) {
    assert.equal(typeof message, "string");
    assert.equal(typeof extensions.code, "string");
    assert.doesNotMatch(message, /call stack|node_modules|\.ts:|at Object\./);
  }
  assert.ok(answer.bytes.length <= 16 * 1024);
  return `${answer.status} ${answer.json.errors[0].extensions.code}`;
}

afterEach(async () => {
  assert.equal((await ask(port, { query: "{ __typename }" })).status, 200, "it still answers");
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("answers a query, with what every answer carries", async () => {
  const answer = await ask(port, open);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { data: { open: "yes" } });
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.match(String(answer.headers["x-request-id"]), /^[0-9a-f-]{36}$/);
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
    assert.equal(refusal(await send(port, { headers: json, body })), expected);
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
    assert.equal(refusal(await send(port, request)), expected);
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
  assert.equal(refusal(faulty), "400 BAD_USER_INPUT");
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
    assert.equal(refusal(await send(port, { headers, body: tooLarge })), "413 PAYLOAD_TOO_LARGE", encoding);
  }
});

test("a charset of utf-8 in any spelling is JSON", async () => {
  for (const charset of ["utf-8", "UTF-8", '"utf-8"']) {
    const answer = await send(port, { headers: { "content-type": `application/json; charset=${charset}` }, body: query });
    assert.equal(answer.status, 200, charset);
  }
});

test("answers in the media type the client likes best", async () => {
  const chosen: Record<string, string> = {
    "*/*": "application/json",
    "application/json": "application/json",
    "application/*": "application/json",
    "application/graphql-response+json": "application/graphql-response+json",
    "application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json",
    "application/graphql-response+json;q=0.1, application/json": "application/json",
    "application/json, application/graphql-response+json": "application/graphql-response+json",
    "multipart/mixed;deferSpec=20220824, application/json": "application/json",
    "text/html, */*;q=0.1": "application/json",
    "application/json;q=0, */*": "application/graphql-response+json",
    "application/json; charset=utf-8": "application/json",
  };
  for (const [accept, expected] of Object.entries(chosen)) {
    const answer = await ask(port, open, { accept });
    assert.equal(answer.status, 200, accept);
    assert.equal(answer.headers["content-type"], `${expected}; charset=utf-8`, accept);
  }
  assert.equal((await ask(port, open, { accept: "application/json;q=0" })).status, 406);
});

test("refusals have their status in both media types", async () => {
  for (const accept of ["application/json", "application/graphql-response+json"]) {
    const answer = await ask(port, { query: "{" }, { accept });
    assert.equal(refusal(answer), "400 GRAPHQL_PARSE_FAILED");
    assert.equal(answer.headers["content-type"], `${accept}; charset=utf-8`);
  }
});

test("in production messages suggest no names; in development they do", async () => {
  for (const hostile of ["{ opem }", "{ open(txt: 1) }", "{ ... on Quer { open } }", "{ echo(input: {name: 1, kind: ADMI}) }"]) {
    assert.doesNotMatch((await ask(port, { query: hostile })).text, /did you mean/i, hostile);
  }
  const variables = { query: "query ($i: EchoInput) { echo(input: $i) }", variables: { i: { name: "x", kind: "ADMN", nam: 1 } } };
  assert.doesNotMatch((await ask(port, variables)).text, /did you mean/i);
  assert.match((await ask(development.port, { query: "{ opem }" })).text, /did you mean/i);
  assert.match((await ask(development.port, variables)).text, /did you mean/i);
});

test("introspection is refused in production by its name, and answered in development", async () => {
  const introspection = { query: '{ __schema { queryType { name } } t: __type(name: "Kind") { name } }' };
  const refused = await ask(port, introspection);
  assert.equal(refused.json.errors[0].extensions.validationErrorCode, "INTROSPECTION_DISABLED");
  const answered = await ask(development.port, introspection);
  assert.deepEqual(answered.json.data, { __schema: { queryType: { name: "Query" } }, t: { name: "Kind" } });
  assert.equal(development.executed.length, 0);
});

test("variables are checked against their types before anything runs, and come coerced with defaults", async () => {
  gateway.executed.length = 0;
  const echo = "query ($c: Int! = 5, $i: EchoInput) { echo(count: $c, input: $i) }";
  const wrong = [
    { c: "x" },
    { c: null },
    { c: 2 ** 31 },
    { i: {} },
    { i: { name: "x", role: "ADMIN" } },
    { i: { name: "x", kind: "ROOT" } },
  ];
  for (const variables of wrong) {
    assert.equal(refusal(await ask(port, { query: echo, variables })), "400 BAD_USER_INPUT", JSON.stringify(variables));
  }
  assert.equal(gateway.executed.length, 0);
  const answer = await ask(port, { query: echo, variables: { i: { name: "x", tags: "one" } } });
  assert.deepEqual(JSON.parse(answer.json.data.echo), { count: 5, input: { name: "x", tags: ["one"] } });
});

test("aliases and variables named as Object's own are plain names", async () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  const aliased = `{ ${names.map((name) => `${name}: open`).join(" ")} self { ${names.map((name) => `${name}: open`).join(" ")} } }`;
  const answer = await ask(port, { query: aliased });
  assert.equal(answer.status, 200);
  assert.equal(answer.text.match(/"yes"/g)?.length, 8);
  for (const name of names) {
    const body = `{"query":"query ($${name}: String) { echo(text: $${name}) }","variables":{"${name}":"v"}}`;
    assert.deepEqual((await send(port, { headers: json, body })).json, { data: { echo: '{"text":"v"}' } }, name);
  }
});

test("a protected field beside a public one is withheld from who may not read it", async () => {
  const both = { query: "{ open secret }" };
  const codes = async (authorization?: string) => {
    const { status, json: answer } = await ask(port, both, authorization ? { authorization } : {});
    assert.equal(status, 200);
    return [answer.data.secret, answer.errors?.[0].extensions.code, answer.errors?.[0].path];
  };
  assert.deepEqual(await codes(), [null, "UNAUTHENTICATED", ["secret"]]);
  assert.deepEqual(await codes("Bearer ada/inbox:read"), [null, "FORBIDDEN", ["secret"]]);
  assert.deepEqual(await codes("Bearer ada/tasks:read"), ["s3cret", undefined, undefined]);
});

test("headers that pretend an identity change nothing and reach nobody", async () => {
  gateway.executed.length = 0;
  const forged = {
    authorization: "Bearer ada/tasks:read",
    "x-user-id": "eve",
    "x-tributary-identity": "eve",
    "x-tributary-signature": "v1",
    "X-Tenant": "t",
    "x-forwarded-for": "1.2.3.4",
    "apollo-federation-include-trace": "ftv1",
  };
  const answer = await ask(port, open, forged);
  assert.deepEqual(answer.json, { data: { open: "yes" } });
  const { context } = gateway.executed[0]!;
  assert.equal(context.identity?.userId, "ada");
  assert.equal(context.clientIp, "127.0.0.1");
  assert.doesNotMatch(JSON.stringify({ ...context, generation: null, signal: null }), /eve|ftv1|1\.2\.3\.4/);
});

test("behind one trusted balancer the address it added is the client's, not what the client wrote", async (t) => {
  const behind = await startTestGateway({ trustedProxies: 1 });
  t.after(behind.stop);
  await ask(behind.port, open, { "x-forwarded-for": "6.6.6.6, 203.0.113.9" });
  assert.equal(behind.executed[0]?.context.clientIp, "203.0.113.9");
});

test("a request id of the client is kept if it is one, and comes back", async () => {
  assert.equal((await ask(port, open, { "x-request-id": "mobile-7.a" })).headers["x-request-id"], "mobile-7.a");
  for (const bad of ["a b", "x".repeat(65), "<script>"]) {
    assert.match(String((await ask(port, open, { "x-request-id": bad })).headers["x-request-id"]), /^[0-9a-f-]{36}$/);
  }
});

test("what a client has seen comes back sealed, goes on with its next request, and a forged token counts for nothing", async (t) => {
  const seen: unknown[] = [];
  const consistent = await startTestGateway({
    async execute(_, context) {
      seen.push([...context.consistency]);
      context.consistency = parseConsistency("tasks=0/B");
      return { body: '{"data":{"open":"yes"}}', errorCount: 0 };
    },
  });
  t.after(consistent.stop);
  const first = await ask(consistent.port, open);
  const token = String(first.headers["x-consistency"]);
  assert.doesNotMatch(token, /tasks=/);
  await ask(consistent.port, open, { "x-consistency": token });
  await ask(consistent.port, open, { "x-consistency": `${token.slice(0, -2)}xx` });
  await ask(consistent.port, open, { "x-consistency": "tasks=F/F" });
  assert.deepEqual(seen, [[], [["tasks", 11n]], [], []]);
});

test("a preflight permits listed origins only, and answers carry the permission", async () => {
  const preflight = (origin: string) =>
    send(port, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
  const listed = await preflight("https://app.example");
  assert.equal(listed.status, 204);
  assert.equal(listed.headers["access-control-allow-origin"], "https://app.example");
  assert.match(String(listed.headers["access-control-allow-headers"]), /authorization.*content-type/);
  for (const origin of ["https://evil.example", "null", "https://app.example.evil.example"]) {
    const answer = await preflight(origin);
    assert.equal(answer.status, 204);
    assert.deepEqual(
      Object.keys(answer.headers).filter((name) => name.startsWith("access-control")),
      [],
    );
  }
  const answer = await ask(port, open, { origin: "https://app.example" });
  assert.equal(answer.headers["access-control-allow-origin"], "https://app.example");
  assert.match(String(answer.headers.vary), /origin/);
  assert.equal((await ask(port, open, { origin: "https://evil.example" })).headers["access-control-allow-origin"], undefined);
  const refused = await ask(port, { query: "{" }, { origin: "https://app.example" });
  assert.equal(refused.headers["access-control-allow-origin"], "https://app.example", "pages may read errors too");
});

test("a long answer is compressed for who takes it", async () => {
  const big = { query: "{ big }" };
  const plain = await ask(port, big);
  assert.equal(plain.headers["content-encoding"], undefined);
  const zipped = await ask(port, big, { "accept-encoding": "gzip" });
  assert.equal(zipped.headers["content-encoding"], "gzip");
  assert.equal(JSON.parse(gunzipSync(zipped.bytes).toString()).data.big, bigText);
  const brotli = await ask(port, big, { "accept-encoding": "gzip, br;q=0.5" });
  assert.equal(brotliDecompressSync(brotli.bytes).toString(), plain.text);
  for (const none of ["identity", "br;q=0", "zstd"]) {
    assert.equal((await ask(port, big, { "accept-encoding": none })).headers["content-encoding"], undefined, none);
  }
  assert.equal((await ask(port, open, { "accept-encoding": "br" })).headers["content-encoding"], undefined);
});

test("persisted queries: an unknown hash asks for the text; only signed-in callers' texts are kept; a wrong hash is refused", async () => {
  const text = "{ open self { open } }";
  const extensions = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });
  const hash = createHash("sha256").update(text).digest("hex");
  const byHash = () => ask(port, { extensions: extensions(hash) });
  assert.equal(refusal(await byHash()), "200 PERSISTED_QUERY_NOT_FOUND");
  assert.equal((await ask(port, { query: text, extensions: extensions(hash) })).status, 200);
  assert.equal(refusal(await byHash()), "200 PERSISTED_QUERY_NOT_FOUND");
  await ask(port, { query: text, extensions: extensions(hash) }, { authorization: "Bearer ada/tasks:read" });
  assert.deepEqual((await byHash()).json.data, { open: "yes", self: { open: "yes" } });
  assert.equal(refusal(await ask(port, { query: "{ open }", extensions: extensions(hash) })), "400 BAD_REQUEST");
  assert.equal(refusal(await ask(port, { extensions: { persistedQuery: { version: 2, sha256Hash: hash } } })), "400 BAD_REQUEST");
});

test("errors of subgraphs keep their text under a known code only, and nothing that is not public", async (t) => {
  const failing = await startTestGateway({
    async execute({ formatError = (error) => error }) {
      const errors = [
        {
          message: "password=hunter2 at /srv/x",
          path: ["open"],
          extensions: { code: "ER_SQL", serviceName: "tasks", stacktrace: ["at x"] },
        },
        { message: "connect ECONNREFUSED 10.0.0.7:5432", extensions: {} },
        {
          message: "No such task.",
          path: ["open"],
          locations: [{ line: 1, column: 1 }],
          extensions: { code: "NOT_FOUND", serviceName: "tasks", retryable: false, sql: "select" },
        },
        {
          message: "Internal server error",
          extensions: { code: "INTERNAL_SERVER_ERROR", errorId: "0198c0de-0000-7000-8000-000000000001" },
        },
      ].map(formatError);
      return { body: JSON.stringify({ errors, data: { open: null } }), errorCount: errors.length };
    },
  });
  t.after(failing.stop);
  const answer = await ask(failing.port, open);
  assert.equal(answer.status, 200);
  const [sql, refused, missing, masked] = answer.json.errors;
  assert.equal(sql.message, "Internal server error");
  assert.deepEqual(sql.path, ["open"]);
  assert.match(sql.extensions.errorId, /^[0-9a-f-]{36}$/);
  assert.equal(refused.extensions.code, "INTERNAL_SERVER_ERROR");
  assert.deepEqual(missing, { message: "No such task.", path: ["open"], extensions: { code: "NOT_FOUND", retryable: false } });
  assert.equal(masked.extensions.errorId, "0198c0de-0000-7000-8000-000000000001");
  assert.doesNotMatch(answer.text, /hunter2|ECONN|srv|tasks|stack|select|10\.0/);
  const logged = failing.lines.find(({ errorId }) => errorId === sql.extensions.errorId);
  assert.match(JSON.stringify(logged), /hunter2/);
});

test("a fault of our own is a 500 with an id and no text", async (t) => {
  const broken = await startTestGateway({ execute: async () => Promise.reject(new Error("secret=1 at /srv/gateway")) });
  t.after(broken.stop);
  const answer = await ask(broken.port, open);
  assert.equal(refusal(answer), "500 INTERNAL_SERVER_ERROR");
  assert.match(answer.json.errors[0].extensions.errorId, /^[0-9a-f-]{36}$/);
  assert.doesNotMatch(answer.text, /secret|srv/);
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

test("a request past its deadline is a 504 TIMEOUT", async (t) => {
  const slow = await startTestGateway({ requestTimeoutMs: 30, execute: ({ signal }) => untilAborted(signal) });
  t.after(slow.stop);
  assert.equal(refusal(await ask(slow.port, open)), "504 TIMEOUT");
});

for (const [kind, text, isAborted] of [
  ["query", "{ open }", true],
  ["mutation", "mutation { change }", false],
] as const) {
  test(`a ${kind} whose client has gone is ${isAborted ? "ended" : "finished"}`, async (t) => {
    const arrived = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<boolean>();
    const abandoned = await startTestGateway({
      async execute({ signal }) {
        arrived.resolve();
        const graceMs = 200; // a signal that does not come cannot be waited for otherwise
        await Promise.race([untilAborted(signal).catch(() => {}), setTimeout(graceMs)]);
        settled.resolve(signal.aborted);
        return { body: '{"data":{}}', errorCount: 0 };
      },
    });
    t.after(abandoned.stop);
    const body = JSON.stringify({ query: text });
    const socket = connect(abandoned.port, "127.0.0.1");
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await arrived.promise;
    socket.destroy();
    assert.equal(await settled.promise, isAborted);
  });
}

test("over the limit of requests at a time the answer is 503 at once", async (t) => {
  const release = Promise.withResolvers<void>();
  const busy = await startTestGateway({
    maxConcurrent: 2,
    async execute() {
      await release.promise;
      return { body: '{"data":{}}', errorCount: 0 };
    },
  });
  t.after(busy.stop);
  const held = [ask(busy.port, open), ask(busy.port, open)];
  while (busy.executed.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const refused = await ask(busy.port, open);
  assert.equal(refusal(refused), "503 UNAVAILABLE");
  assert.equal(refused.headers["retry-after"], "1");
  release.resolve();
  assert.deepEqual(
    (await Promise.all(held)).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await ask(busy.port, open)).status, 200);
});

test("closing answers what is running, asks its client to go elsewhere, and takes nothing new", async () => {
  const release = Promise.withResolvers<void>();
  const closing = await startTestGateway({
    async execute() {
      await release.promise;
      return { body: '{"data":{}}', errorCount: 0 };
    },
  });
  const running = ask(closing.port, open);
  while (closing.executed.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const closed = closing.close();
  await assert.rejects(
    (async () => {
      for (;;) await ask(closing.port, { query: "{ __typename }" });
    })(),
    /ECONNREFUSED|ECONNRESET/,
  );
  release.resolve();
  const answer = await running;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
});

test("while draining it still serves, and asks clients to connect elsewhere", async () => {
  const draining = await startTestGateway({ drainDelayMs: 200 });
  const closed = draining.close();
  const answer = await ask(draining.port, open, { connection: "keep-alive" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
});

test("headers over 16 KiB: 431, and the connection ends", async () => {
  const received = await sendRaw(port, `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(17 * 1024)}\r\n\r\n`);
  assert.match(received, /^HTTP\/1\.1 431 [\s\S]*"code":"BAD_REQUEST"/);
});

test("content-length beside transfer-encoding, and what is not HTTP: 400 in JSON, and the connection ends", async () => {
  const smuggled = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG`;
  for (const bytes of [smuggled, "HELLO\r\n\r\n", "GET /graphql HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n"]) {
    const received = await sendRaw(port, bytes);
    assert.match(received, /^HTTP\/1\.1 400 [\s\S]*content-type: application\/json[\s\S]*"code":"BAD_REQUEST"/);
  }
});

test("each request is one log line and one sample, with its operation and outcome", async () => {
  gateway.lines.length = 0;
  await ask(
    port,
    { query: "query Mine { open secret }", operationName: "Mine" },
    { "apollographql-client-name": "web", "x-request-id": "r-1" },
  );
  const line = gateway.lines.find(({ requestId }) => requestId === "r-1");
  assert.ok(line);
  const { operation, operationKind, operationHash, status, errorCount, clientName, refusalCode, userId } = line;
  assert.deepEqual(
    { operation, operationKind, status, errorCount, clientName, refusalCode, userId },
    { operation: "Mine", operationKind: "query", status: 200, errorCount: 1, clientName: "web", refusalCode: null, userId: null },
  );
  assert.match(String(operationHash), /^[0-9a-f]{64}$/);
  const metrics = await gateway.metrics.registry.metrics();
  assert.match(metrics, /graphql_responses_total\{operation_kind="query",outcome="partial",service="test"\} \d/);
  assert.match(metrics, /graphql_responses_total\{operation_kind="unknown",outcome="PAYLOAD_TOO_LARGE",service="test"\} \d/);
  assert.match(metrics, /http_server_active_requests\{service="test"\} 0/);
});
