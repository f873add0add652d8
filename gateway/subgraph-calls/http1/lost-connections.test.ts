import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { createHttp1Client } from "./index.ts";
import { ask, type RawRequest, reply, startClient, startRawServer, startWarmClient, told, turns, until } from "./test-server.ts";

const echo = ({ body, send }: RawRequest): Promise<void> => send(reply(body));
const endings: [string, (request: RawRequest) => unknown][] = [
  ["connection", ({ socket }) => socket.end()],
  ["connection", ({ socket }) => socket.destroy()],
  ["connection", ({ socket }) => socket.resetAndDestroy()],
  ["protocol", ({ send, socket }) => send("H").then(() => socket.destroy())],
  ["protocol", ({ send, socket }) => send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1234").then(() => socket.end())],
  ["protocol", ({ send, socket }) => send("HTTP/1.1 100 Continue\r\n\r\n").then(() => socket.end())],
  [
    "protocol",
    ({ send, socket }) => send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n").then(() => socket.end()),
  ],
];
for (const [index, [fault, act]] of endings.entries()) {
  test(`tells a connection lost before a reply from a reply cut short, ${index + 1}: ${fault}`, async (context) => {
    const server = await startRawServer(context, (request) => {
      if (request.number === 0) return echo(request);
      return request.number === 1 ? act(request) : undefined;
    });
    const client = await startWarmClient(context, server, { maxSockets: 1 });
    const [first, behind] = await Promise.all([ask(client, "a"), ask(client, "b")]);
    assert.deepEqual([told(first!), told(behind!)], [fault, "connection"]);
  });
}

test("opens another connection after its server has closed an idle one", async (context) => {
  const server = await startRawServer(context, echo);
  const client = await startWarmClient(context, server);
  server.cut();
  await until(() => client.sockets === 0);
  assert.equal(told(await ask(client, "a")), "200 a");
});

test("uses no connection again that its server ends, and those behind can be repeated", async (context) => {
  const server = await startRawServer(context, async ({ number, body, send }) => {
    await send(reply(body, ...(number === 1 ? ["connection: close"] : [])));
  });
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const outcomes = await Promise.all([ask(client, "last"), ask(client, "behind")]);
  assert.deepEqual(outcomes.map(told), ["200 last", "connection"]);
  assert.equal(told(await ask(client, "next")), "200 next");
  assert.equal(server.opened, 2);
});

test("puts no request behind another once a server has ended a connection under some", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, async (request) => {
    if (request.number === 1) await request.send(reply(request.body, "connection: close"));
    else if (request.number <= 3) await echo(request);
    else held.push(request);
  });
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  await Promise.all([ask(client, "a"), ask(client, "b")]);
  await ask(client, "c");
  void ask(client, "d");
  void ask(client, "e");
  await until(() => held.length === 1);
  await turns(5);
  assert.deepEqual(
    held.map(({ body }) => body),
    [held[0]!.body],
  );
});

test("closes connections that are idle for long, and sooner when their server says so", async (context) => {
  const server = await startRawServer(context, ({ body, send }) =>
    send(reply(body, ...(body === "b" ? ["keep-alive: timeout=1"] : []))),
  );
  const client = startClient(context, server, { idleMs: 3_000 });
  await ask(client, "a");
  await ask(client, "a");
  assert.equal(server.opened, 1);
  await ask(client, "b");
  await ask(client, "a");
  assert.equal(server.opened, 2);
  const brief = startClient(context, server, { idleMs: 10 });
  await ask(brief, "a");
  await until(() => brief.sockets === 0);
});

test("does not keep the process alive for the sake of idle connections", async (context) => {
  const server = await startRawServer(context, echo);
  const client = startClient(context, server);
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  await until(() => sockets() === 0);
  await ask(client, "a");
  await until(() => sockets() === 1); // the server's
  assert.equal(client.sockets, 1);
  const next = ask(client, "b", { timeoutMs: 60_000 });
  await until(() => sockets() === 2 || server.requests === 2);
  assert.equal(told(await next), "200 b");
  assert.equal(server.opened, 1);
});

test("tells of a server that is not there", async (context) => {
  const server = await startRawServer(context, echo);
  await server.close();
  const client = startClient(context, server);
  const outcomes = await Promise.all(["a", "b"].map((body) => ask(client, body)));
  assert.deepEqual(outcomes.map(told), ["connection", "connection"]);
});

test("does not wait for a connection longer than its limit", async () => {
  // A process that listens and accepts nothing: when its queue is full, further connections hang.
  const worker = new Worker(
    `const { workerData, parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const client = createHttp1Client({ origin: `http://127.0.0.1:${port}`, path: "/", connectTimeoutMs: 50 });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => ask(client, "a", { mayPipeline: false, timeoutMs: 300 })));
  const messages = outcomes.map((outcome) => ("fault" in outcome ? outcome.message : ""));
  assert.ok(messages.includes("no connection within 50 ms"), messages.join("; "));
  await client.close();
  await worker.terminate();
});
