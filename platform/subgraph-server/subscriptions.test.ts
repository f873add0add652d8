import assert from "node:assert/strict";
import { test } from "node:test";
import type { Identity } from "@tributary/contracts/identity";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import type { SubscriptionPayload } from "./subscription-document.ts";
import { reader, startTestSubgraph } from "./test-subgraph.ts";

const { server, signSubscription, lifecycle, log } = await startTestSubgraph();
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
test.after(() => lifecycle.stop("tests done"));

const inProcess = (payload: SubscriptionPayload, identity: Identity | null = null, signal = new AbortController().signal) =>
  server.subscribe({ headers: signSubscription(payload, identity), payload, signal });

const overSocket = (payload: SubscriptionPayload, identity: Identity | null = null) => {
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const stream = client.iterate({ ...payload, extensions: { headers: signSubscription(payload, identity) } });
  return { stream, client };
};

async function dataOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const result of stream) all.push(structuredClone((result as { data?: unknown }).data));
  return all;
}

const counting = { query: "subscription ($to: Int!) { count(to: $to) }", variables: { to: 3 } };
const threeCounts = [{ count: 1 }, { count: 2 }, { count: 3 }];

test("streams results in the process and over a WebSocket alike", async () => {
  assert.deepEqual(await dataOf(inProcess(counting)), threeCounts);
  assert.deepEqual(await dataOf(overSocket(counting).stream), threeCounts);
});

test("makes a fresh context for each event, at least as fresh as the event", async () => {
  const frames = (await dataOf(inProcess({ query: "subscription { seen }" }))) as { seen: string }[];
  const [first, second] = frames.map(({ seen }) => seen.split(" "));
  assert.notEqual(first![0], second![0]);
  assert.equal(first![1], "255");
  assert.equal(second![1], "-");
});

test("refuses an unsigned subscription and leaves the socket's others alone", async () => {
  const { client, stream } = overSocket(counting);
  const refused = client.iterate(counting);
  const result = await refused.next();
  assert.equal(result.value?.errors?.[0]?.extensions?.code, "UNAUTHENTICATED");
  const broken = { query: "subscription {" };
  const unparsed = await client.iterate({ ...broken, extensions: { headers: signSubscription(broken) } }).next();
  assert.equal(unparsed.value?.errors?.[0]?.extensions?.code, "GRAPHQL_PARSE_FAILED");
  assert.deepEqual(await dataOf(stream), threeCounts);
});

test("checks scopes before the source is opened", async () => {
  const result = await inProcess({ query: "subscription { hidden }" }, { ...reader, scopes: [] }).next();
  assert.equal(result.value?.errors?.[0]?.extensions?.code, "FORBIDDEN");
  assert.deepEqual(log, []);
});

test("does not run queries as subscriptions", async () => {
  const result = await inProcess({ query: "{ open }" }).next();
  assert.equal(result.value?.errors?.[0]?.extensions?.code, "BAD_REQUEST");
});

const sourceClosed = async (): Promise<void> => {
  const deadline = performance.now() + 2_000;
  while (log.length === 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log.splice(0), ["source closed"]);
};

test("closes the source when the reader stops, while waiting for an event", async () => {
  const stream = inProcess({ query: "subscription { wait }" }, reader);
  await stream.next();
  const waiting = stream.next();
  await stream.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await sourceClosed();
});

test("closes the source when the signal is aborted", async () => {
  const ending = new AbortController();
  const stream = inProcess({ query: "subscription { wait }" }, reader, ending.signal);
  await stream.next();
  const waiting = stream.next();
  ending.abort();
  assert.equal((await waiting).done, true);
  await sourceClosed();
});

test("closes the source when the client completes, and when its socket is gone", async () => {
  const first = overSocket({ query: "subscription { wait }" }, reader);
  await first.stream.next();
  await first.stream.return?.();
  await sourceClosed();
  const second = overSocket({ query: "subscription { wait }" }, reader);
  await second.stream.next();
  second.client.terminate();
  await sourceClosed();
});
