import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { createSocketUpstream } from "./socket-upstream.ts";
import { TransportError } from "./transport.ts";

const closing: (() => unknown)[] = [];
after(() => Promise.all(closing.map((close) => close())));

/** A subgraph whose subscription `count` gives numbers until `to`, or waits for ever after them. */
async function setUp() {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  const seenExtensions: unknown[] = [];
  const schema = buildSchema("type Query { a: Int } type Subscription { count(to: Int!, stay: Boolean): Int }");
  const count = async function* ({ to, stay }: { to: number; stay?: boolean }) {
    for (let n = 1; n <= to; n++) yield { count: n };
    if (stay) await new Promise(() => {});
  };
  useServer(
    { schema, roots: { subscription: { count } }, onSubscribe: (_, __, payload) => void seenExtensions.push(payload.extensions) },
    sockets,
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`;
  const upstream = createSocketUpstream({ url });
  closing.push(async () => {
    await upstream.close();
    for (const socket of sockets.clients) socket.terminate();
    http.close();
  });
  const subscribe = (query: string, signal = new AbortController().signal) =>
    upstream.subscribe({ headers: { "x-tributary-identity": "-" }, payload: { query }, signal });
  return { sockets, subscribe, seenExtensions };
}

async function collect(items: AsyncIterable<{ data?: unknown }>) {
  const seen: unknown[] = [];
  for await (const { data } of items) seen.push(data);
  return JSON.stringify(seen);
}

test("carries several subscriptions over one connection, each with its signed headers", async () => {
  const { sockets, subscribe, seenExtensions } = await setUp();
  const both = await Promise.all([
    collect(subscribe("subscription { count(to: 2) }")),
    collect(subscribe("subscription { count(to: 1) }")),
  ]);
  assert.deepEqual(both, ['[{"count":1},{"count":2}]', '[{"count":1}]']);
  assert.equal(sockets.clients.size, 1);
  assert.deepEqual(seenExtensions[0], { headers: { "x-tributary-identity": "-" } });
});

test("throws when the connection is lost, and the next subscription opens another", async () => {
  const { sockets, subscribe } = await setUp();
  const items = subscribe("subscription { count(to: 1, stay: true) }")[Symbol.asyncIterator]();
  await items.next();
  for (const socket of sockets.clients) socket.terminate();
  await assert.rejects(Promise.resolve(items.next()), TransportError);
  assert.equal(await collect(subscribe("subscription { count(to: 1) }")), '[{"count":1}]');
});

test("ends when the signal aborts", async () => {
  const { subscribe } = await setUp();
  const aborting = new AbortController();
  const items = subscribe("subscription { count(to: 1, stay: true) }", aborting.signal)[Symbol.asyncIterator]();
  await items.next();
  aborting.abort();
  assert.deepEqual(await items.next(), { value: undefined, done: true });
});
