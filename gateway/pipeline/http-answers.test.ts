import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { parseConsistency } from "@tributary/contracts/consistency";
import { refusalOf } from "./testing/refusal-of.ts";
import { ask, send } from "./testing/send.ts";
import { bigText, startTestGateway } from "./testing/test-gateway.ts";

const gateway = await startTestGateway({ corsOrigins: ["https://app.example"] });
after(gateway.stop);
const { port } = gateway;
const open = { query: "{ open }" };

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
    assert.equal(refusalOf(answer), "400 GRAPHQL_PARSE_FAILED");
    assert.equal(answer.headers["content-type"], `${accept}; charset=utf-8`);
  }
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
  await ask(consistent.port, open, { "x-consistency": `${token}x` });
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
  const samples = (await gateway.metrics.registry.metrics()).split("\n");
  const sampleOf = (start: string) => samples.find((sample) => sample.startsWith(start));
  assert.ok(sampleOf('graphql_responses_total{operation_kind="query",outcome="partial",service="test"} '));
  assert.ok(sampleOf('graphql_responses_total{operation_kind="unknown",outcome="GRAPHQL_PARSE_FAILED",service="test"} '));
  assert.equal(sampleOf("http_server_active_requests"), 'http_server_active_requests{service="test"} 0');
});
