import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Cancellation } from "@tributary/platform/cancellation";
import { createPlainCalls } from "./plain-calls.ts";

const requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  if (request.url === "/lost") request.socket.destroy();
  else response.end('{"data":{"a":1}}');
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const calls = createPlainCalls({ addressOf: (name) => ({ name, url: `${origin}/${name}` }) });
after(async () => {
  await calls.close();
  server.close();
});

const fetchWith = (headers: Record<string, string>) =>
  calls.forRequest({ headersFor: () => headers, signal: new Cancellation() });
const query = { subgraph: "tasks", query: "{ a }", kind: "query", body: '{"query":"{ a }"}' } as const;

test("passes on the caller's headers, without those of the caller's own connection", async () => {
  const given = { authorization: "Bearer \u00fc", Host: "elsewhere", "content-length": "1", "Transfer-Encoding": "chunked" };
  assert.deepEqual((await fetchWith({ ...given, "accept-encoding": "gzip" })(query)).data, { a: 1 });
  const { headers } = requests.pop()!;
  assert.deepEqual(Object.keys(headers).sort(), ["accept", "authorization", "content-length", "content-type", "host"]);
  assert.equal(headers.authorization, "Bearer \u00fc");
  assert.equal(headers["content-length"], String(query.body.length));
});

test("refuses a header that would not stay one line", async () => {
  for (const headers of [{ a: "b\r\nc: d" }, { a: "\u010a" }, { "a\r\nb": "c" }]) {
    await assert.rejects(async () => fetchWith(headers)(query), TypeError);
  }
  assert.equal(requests.length, 0);
});

test("repeats a query once whose connection was lost, a mutation never", async () => {
  for (const [kind, expected] of [
    ["query", 2],
    ["mutation", 1],
  ] as const) {
    const reply = await fetchWith({})({ ...query, subgraph: "lost", kind });
    assert.equal(reply.errors?.[0]?.extensions?.reason, "CONNECTION");
    assert.equal(requests.splice(0).length, expected);
  }
});
