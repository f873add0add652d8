import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { formatConsistency, parseConsistency } from "@tributary/contracts/consistency";
import { createSignatureVerifier } from "@tributary/platform/request-signature";
import type { SubgraphCall } from "../engine/index.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { createHttpTransport } from "./http-transport.ts";
import { createHttp1Transport } from "./http1-transport.ts";
import type { SubgraphCallContext } from "./subgraph-call-context.ts";
import { createSubgraphCalls, type SubgraphCallsOptions } from "./subgraph-calls.ts";

const secret = "a secret of at least thirty-two bytes";
type Answer = (request: {
  headers: IncomingHttpHeaders;
  body: string;
  n: number;
}) => { status?: number; body: string } | "never" | "reset" | "endless";
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** A subgraph that answers as told, and calls to it. */
async function setUp(answer: Answer, options: Partial<SubgraphCallsOptions> = {}, createTransport = createHttp1Transport) {
  let n = 0;
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const told = answer({ headers: request.headers, body, n: n++ });
    if (told === "reset") request.socket.destroy();
    else if (told === "endless") {
      const more = setInterval(() => response.write("x".repeat(1 << 20)), 1);
      response.on("close", () => clearInterval(more));
    } else if (told !== "never") response.writeHead(told.status ?? 200, { "content-type": "application/json" }).end(told.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deep/graphql`;
  const transport = createTransport({ url });
  closing.push(async () => {
    await transport.close();
    server.closeAllConnections();
    server.close();
  });
  const calls = createSubgraphCalls({ transportOf: (name) => (name === "tasks" ? transport : undefined), secret, ...options });
  const context: SubgraphCallContext = {
    requestId: "r1",
    identity: { userId: "usr_1", sessionId: null, scopes: ["tasks:read"] },
    clientIp: "192.0.2.1",
    consistency: parseConsistency("users=0/A"),
    deadlineMs: Date.now() + 5_000,
    signal: new AbortController().signal,
  };
  return { calls, context, requests: () => n };
}

const query: SubgraphCall = { subgraph: "tasks", query: "{ a }", kind: "query", body: '{"query":"{ a }"}' };
const reasonOf = (reply: { errors?: readonly { extensions?: Record<string, unknown> }[] | undefined }) => {
  assert.equal(reply.errors?.[0]?.extensions?.code, "DOWNSTREAM_SERVICE_ERROR");
  return reply.errors?.[0]?.extensions?.reason;
};

test("signs each call for the caller and raises the consistency of the request by the reply's", async () => {
  const verifier = createSignatureVerifier({ secret, toleranceMs: 30_000 });
  const seen: { path: unknown; consistency: unknown; deadline: number }[] = [];
  const { calls, context } = await setUp(({ headers, body }) => {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const identity = verifier.verify({ method: "POST", path: "/deep/graphql", body, headers: flat });
    seen.push({ path: identity?.userId, consistency: headers["x-consistency"], deadline: Number(headers["x-deadline-ms"]) });
    return { body: JSON.stringify({ data: { a: body.length }, extensions: { consistency: "tasks=0/F" } }) };
  });
  const fetch = calls.forRequest(context);
  assert.equal(typeof (await fetch(query)).data?.a, "number");
  await fetch(query);
  assert.deepEqual(
    seen.map(({ path, consistency }) => [path, consistency]),
    [
      ["usr_1", "users=0/A"],
      ["usr_1", "tasks=0/F,users=0/A"],
    ],
  );
  assert.ok(seen.every(({ deadline }) => deadline > 0 && deadline <= 2_000));
  assert.equal(formatConsistency(context.consistency), "tasks=0/F,users=0/A");
});

for (const [name, create] of Object.entries({ "our client": createHttp1Transport, undici: createHttpTransport })) {
  test(`repeats a query once after a broken connection, a mutation never (${name})`, async () => {
    const { calls, context, requests } = await setUp(({ n }) => (n === 0 ? "reset" : { body: '{"data":{"a":1}}' }), {}, create);
    assert.deepEqual((await calls.forRequest(context)(query)).data, { a: 1 });
    assert.equal(requests(), 2);
    const second = await setUp(() => "reset", {}, create);
    assert.equal(reasonOf(await second.calls.forRequest(second.context)({ ...query, kind: "mutation" })), "CONNECTION");
    assert.equal(second.requests(), 1);
    const third = await setUp(() => "reset", {}, create);
    assert.equal(reasonOf(await third.calls.forRequest(third.context)(query)), "CONNECTION");
    assert.equal(third.requests(), 2);
  });

  test(`gives up on a subgraph that does not answer in time, also when the request's own deadline is nearer (${name})`, async () => {
    const { calls, context } = await setUp(() => "never", { queryTimeoutMs: 30 }, create);
    assert.equal(reasonOf(await calls.forRequest(context)(query)), "TIMEOUT");
    const patient = await setUp(() => "never", {}, create);
    const near = { ...patient.context, deadlineMs: Date.now() + 30 };
    assert.equal(reasonOf(await patient.calls.forRequest(near)(query)), "TIMEOUT");
  });

  test(`stops reading a reply that is too large (${name})`, async () => {
    const { calls, context } = await setUp(() => "endless", {}, create);
    assert.equal(reasonOf(await calls.forRequest(context)(query)), "TOO_LARGE");
  });
}

test("takes HTML, truncated JSON and JSON of another shape for an invalid reply", async () => {
  for (const body of ["<html>", '{"data":{"a":', "[]", "{}", '{"data":7}', '{"errors":[]}', '{"errors":["x"]}', "null"]) {
    const { calls, context } = await setUp(() => ({ body }));
    assert.equal(reasonOf(await calls.forRequest(context)(query)), "INVALID_REPLY", body);
  }
  const { calls, context } = await setUp(() => ({ status: 500, body: '{"errors":[{"message":"m"}]}' }));
  assert.deepEqual(await calls.forRequest(context)(query), { data: null, errors: [{ message: "m" }] });
});

test("opens the circuit after failures in a row and closes it after one success", async () => {
  let nowMs = 0;
  let broken = true;
  const createBreaker = () => createCircuitBreaker({ failureThreshold: 2, openMs: 100, now: () => nowMs });
  const { calls, context, requests } = await setUp(() => (broken ? "reset" : { body: '{"data":{"a":1}}' }), {
    createBreaker,
    isSharing: false,
  });
  const fetch = calls.forRequest(context);
  await fetch(query);
  await fetch(query);
  assert.equal(requests(), 4);
  assert.equal(reasonOf(await fetch(query)), "CIRCUIT_OPEN");
  assert.equal(requests(), 4);
  broken = false;
  nowMs = 100;
  const [probe, beside] = await Promise.all([fetch(query), fetch(query)]);
  assert.deepEqual(probe.data, { a: 1 });
  assert.equal(reasonOf(beside), "CIRCUIT_OPEN");
  assert.deepEqual((await fetch(query)).data, { a: 1 });
});

test("sends identical queries of one caller once while they are on their way, and never shares between callers", async () => {
  const { calls, context, requests } = await setUp(({ n }) => ({ body: `{"data":{"a":${n}}}` }));
  const other = { ...context, identity: { userId: "usr_2", sessionId: null, scopes: ["tasks:read"] } };
  const fewer = { ...context, identity: { userId: "usr_1", sessionId: null, scopes: [] } };
  const fresher = { ...context, consistency: parseConsistency("users=0/B") };
  const decode = () => undefined;
  const again = { ...context, requestId: "r2" };
  await Promise.all([calls.forRequest(context)(query), calls.forRequest(again)(query)]);
  assert.equal(requests(), 1);
  const apart = [context, other, fewer, fresher].map((each) => calls.forRequest(each)(query));
  await Promise.all([
    ...apart,
    calls.forRequest(context)({ ...query, body: "{}" }),
    calls.forRequest(context)({ ...query, decode }),
  ]);
  assert.equal(requests(), 7);
  await Promise.all([1, 2].map(() => calls.forRequest(context)({ ...query, kind: "mutation" })));
  assert.equal(requests(), 9);
});

test("raises the consistency of everyone who shared a reply, and lets one of them leave", async () => {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const send = async () => {
    await answered;
    return { status: 200, body: '{"data":{"a":1},"extensions":{"consistency":"tasks=0/F"}}' };
  };
  const { context } = await setUp(() => "never");
  const transport = { path: "/graphql", send, subscribe: () => assert.fail("no subscription"), close: async () => {} };
  const calls = createSubgraphCalls({ transportOf: () => transport, secret });
  const leaving = new AbortController();
  const second = { ...context };
  const left = calls.forRequest({ ...context, signal: leaving.signal })(query);
  const stayed = calls.forRequest(second)(query);
  leaving.abort(new Error("gone"));
  await assert.rejects(left, { message: "gone" });
  answer();
  assert.deepEqual((await stayed).data, { a: 1 });
  assert.equal(formatConsistency(second.consistency), "tasks=0/F,users=0/A");
});

test("makes no more calls at a time than the cap, and refuses what would wait too long", async () => {
  const { calls, context, requests } = await setUp(() => ({ body: '{"data":{"a":1}}' }), {
    maxConcurrent: 1,
    maxWaiting: 1,
    isSharing: false,
  });
  const fetch = calls.forRequest(context);
  const replies = await Promise.all([fetch(query), fetch(query), fetch(query)]);
  assert.deepEqual(
    replies.map((reply) => (reply.errors ? reasonOf(reply) : "ok")),
    ["ok", "ok", "OVERLOADED"],
  );
  assert.equal(requests(), 2);
});

test("rejects when the request itself is aborted, and does not count it against the subgraph", async () => {
  const createBreaker = () => createCircuitBreaker({ failureThreshold: 1 });
  const { calls, context, requests } = await setUp(({ n }) => (n === 0 ? "never" : { body: '{"data":{"a":1}}' }), {
    createBreaker,
  });
  const aborting = new AbortController();
  const pending = calls.forRequest({ ...context, signal: aborting.signal })(query);
  while (requests() === 0) await new Promise((resolve) => setImmediate(resolve));
  aborting.abort(new Error("gone"));
  await assert.rejects(pending, { message: "gone" });
  assert.deepEqual((await calls.forRequest(context)(query)).data, { a: 1 });
});

test("answers for a subgraph nobody knows", async () => {
  const { calls, context } = await setUp(() => "never");
  assert.equal(reasonOf(await calls.forRequest(context)({ ...query, subgraph: "nobody" })), "UNKNOWN_SUBGRAPH");
});
