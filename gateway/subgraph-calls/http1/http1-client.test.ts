import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { createHttp1Client } from "./index.ts";
import { ask, type RawRequest, reply, startClient, startRawServer, startWarmClient, told, turns, until } from "./test-server.ts";

const echo = ({ body, send }: RawRequest): Promise<void> => send(reply(body));
/** Answers the first request, so that the client is warm, and holds the others back. */
const hold = (held: RawRequest[]) => (request: RawRequest) => {
  if (request.number === 0) return echo(request);
  held.push(request);
};

test("sends a POST with the given header lines, the host, and the length in bytes", async (context) => {
  const server = await startRawServer(context, echo);
  const client = startClient(context, server, { path: "/graphql?a=b" });
  await ask(client, "\u2603", { head: "x-one: 1\r\nx-two: 2\r\n" });
  const host = server.origin.replace("http://", "");
  const head = `POST /graphql?a=b HTTP/1.1\r\nhost: ${host}\r\nx-one: 1\r\nx-two: 2\r\ncontent-length: 3\r\n\r\n`;
  assert.deepEqual(server.reads, [head + Buffer.from("\u2603").toString("latin1")]);
});

test("sends nothing for a head that is not header lines", async (context) => {
  const server = await startRawServer(context, echo);
  const client = startClient(context, server);
  assert.equal(told(await ask(client, "", { head: "a: b\r\n\r\nGET / HTTP/1.1\r\n" })), "protocol");
  assert.equal(client.sockets, 0);
});

test("writes all requests of one turn of the event loop at once", async (context) => {
  const server = await startRawServer(context, echo);
  const client = await startWarmClient(context, server, { maxSockets: 1, maxPipelined: 50 });
  const restedAtMs = performance.now() + 20; // longer than a request may have waited for another to go behind it
  await until(() => performance.now() > restedAtMs);
  const bodies = Array.from({ length: 40 }, (_, number) => `body ${number} \u00fc`);
  const sent = bodies.map((body, number) => (number % 2 ? Promise.resolve() : turnless()).then(() => ask(client, body)));
  const expected = bodies.map((body) => `200 ${body}`);
  const fixed = (await Promise.all(sent)).map((outcome) => Buffer.from(told(outcome), "latin1").toString());
  assert.deepEqual(fixed, expected);
  assert.equal(server.reads.length, 2);
});

const turnless = async (): Promise<void> => {
  await Promise.resolve();
};

test("gives each of many requests its own reply, however they share connections", async (context) => {
  const server = await startRawServer(context, async ({ body, number, send }) => {
    if (number % 3 === 0) await turns(number % 7);
    await send(reply(body));
  });
  const client = startClient(context, server, { maxSockets: 5 });
  const bodies = Array.from({ length: 300 }, (_, number) => `${number}`.repeat(1 + (number % 50)));
  const outcomes = await Promise.all(bodies.map((body) => ask(client, body, { mayPipeline: body.length % 11 !== 0 })));
  assert.ok(server.opened <= 5);
  assert.ok(outcomes.every((outcome) => told(outcome).startsWith("200 ")));
});

test("keeps a mutation alone on its connection while it is out", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, hold(held));
  const client = await startWarmClient(context, server, { maxSockets: 2 });
  const outcomes = ["q1", "m", "q2", "q3"].map((body) => ask(client, body, { mayPipeline: body !== "m" }));
  await until(() => held.length === 4);
  const connections = new Map(held.map(({ body, connection }) => [body, connection]));
  assert.equal(connections.get("q2"), connections.get("q1"));
  assert.equal(connections.get("q3"), connections.get("q1"));
  assert.notEqual(connections.get("m"), connections.get("q1"));
  for (const request of held) await echo(request);
  assert.deepEqual((await Promise.all(outcomes)).map(told), ["200 q1", "200 m", "200 q2", "200 q3"]);
});

test("lets a request wait while every connection is taken, and sends it when one is free", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, hold(held));
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const outcomes = ["m1", "q", "m2"].map((body) => ask(client, body, { mayPipeline: body === "q" }));
  for (const body of ["m1", "q", "m2"]) {
    await until(() => held.length === 1);
    assert.equal(held[0]!.body, body);
    await echo(held.pop()!);
  }
  assert.deepEqual((await Promise.all(outcomes)).map(told), ["200 m1", "200 q", "200 m2"]);
});

test("ends a connection whose oldest request has no reply in time, and those behind it can be repeated", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, hold(held));
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const outcomes = [ask(client, "slow", { timeoutMs: 30 }), ask(client, "behind"), ask(client, "third", { timeoutMs: 1_000 })];
  assert.deepEqual((await Promise.all(outcomes)).map(told), ["timeout", "connection", "connection"]);
  assert.equal(client.sockets, 0);
  await until(() => server.open === 0);
});

test("fails a request behind others at its own limit, and gives its reply to nobody", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, hold(held));
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const [oldest, younger] = [ask(client, "patient"), ask(client, "hasty", { timeoutMs: 20 })];
  assert.equal(told(await younger), "timeout");
  for (const request of held.splice(0)) await echo(request);
  assert.equal(told(await oldest), "200 patient");
  const next = ask(client, "next");
  await until(() => held.length === 1);
  await echo(held[0]!);
  assert.equal(told(await next), "200 next");
  assert.equal(server.opened, 1);
});

test("fails a request that waits for a connection at its limit", async (context) => {
  const server = await startRawServer(context, () => {});
  const client = startClient(context, server, { maxSockets: 1 });
  const [first, second] = [ask(client, "a"), ask(client, "b", { timeoutMs: 20 })];
  assert.equal(told(await second), "timeout");
  assert.equal(client.sockets, 1);
  await client.close();
  assert.equal(told(await first), "connection");
});

test("does not call who gave up, drops that reply, and gives the next to the next", async (context) => {
  const held: RawRequest[] = [];
  const server = await startRawServer(context, hold(held));
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const refuse = (): never => assert.fail("called after giving up");
  const handler = { onReply: refuse, onFailure: refuse };
  const request = { head: "", timeoutMs: 5_000, mayPipeline: true };
  client.send({ ...request, body: "never sent" }, handler)();
  const giveUp = client.send({ ...request, body: "left" }, handler);
  const stays = ask(client, "stays");
  await until(() => held.length === 2);
  giveUp();
  await held[0]!.send(reply("left"));
  await held[1]!.send(reply("stays"));
  assert.equal(told(await stays), "200 stays");
  assert.deepEqual(
    held.map(({ body }) => body),
    ["left", "stays"],
  );
});

test("takes a reply that comes before the request is sent whole", async () => {
  const server = await listen((socket) => {
    socket.once("data", () => {
      socket.pause();
      socket.write(reply("early"), () => socket.resume());
    });
  });
  const client = createHttp1Client({ origin: server.origin, path: "/" });
  assert.equal(told(await ask(client, large)), "200 early");
  await client.close();
  server.close();
});

test("adds nothing to a connection that does not take its bytes", async () => {
  let stuck = 0;
  const server = await listen((socket) => {
    socket.on("data", (chunk) => {
      const isStuck = chunk.includes("xxx");
      if (isStuck) socket.pause();
      else socket.write(reply(String(stuck)));
      stuck += Number(isStuck);
    });
  });
  const client = createHttp1Client({ origin: server.origin, path: "/", maxSockets: 9 });
  await ask(client, "");
  const outcomes = Array.from({ length: 8 }, () => ask(client, large));
  await until(() => stuck === 8);
  assert.equal(told(await ask(client, "")), "200 8");
  assert.equal(client.sockets, 9);
  await client.close();
  assert.deepEqual((await Promise.all(outcomes)).map(told), Array(8).fill("connection"));
  server.close();
});

const large = "x".repeat(8_000_000);

async function listen(onConnection: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

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

test("fails at once what would wait behind too many", async (context) => {
  const server = await startRawServer(context, () => {});
  const client = startClient(context, server, { maxSockets: 1, maxWaiting: 2 });
  const outcomes = ["a", "b", "c"].map((body) => ask(client, body));
  assert.equal(told((await outcomes[2])!), "overflow");
  await client.close();
  assert.deepEqual((await Promise.all(outcomes)).map(told), ["connection", "connection", "overflow"]);
});

test("ends everything when it is closed, and takes nothing more", async (context) => {
  const server = await startRawServer(context, () => {});
  const client = startClient(context, server);
  const outcomes = Array.from({ length: 70 }, () => ask(client, "a"));
  await until(() => server.requests === 64);
  await client.close();
  assert.deepEqual((await Promise.all(outcomes)).map(told), Array(70).fill("connection"));
  assert.equal(client.sockets, 0);
  await until(() => server.open === 0);
  assert.equal(told(await ask(client, "b")), "connection");
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

test("reaches IPv6 addresses, and localhost whichever of its addresses the server listens on", async (context) => {
  const addresses = (await lookup("localhost", { all: true })).map(({ address }) => address);
  for (const host of new Set(["::1", ...addresses])) {
    const server = await startRawServer(context, echo, { host });
    const local = server.origin.replace(/\/\/.*:/, "//localhost:");
    for (const origin of addresses.includes(host) ? [server.origin, local] : [server.origin]) {
      const client = createHttp1Client({ origin, path: "/" });
      assert.equal(told(await ask(client, "a")), "200 a", origin);
      assert.match(server.reads.at(-1)!, new RegExp(`^host: ${origin.slice(7).replace(/[[\]]/g, "\\$&")}\r$`, "m"));
      await client.close();
    }
  }
});

test("refuses an origin that is not http:", () => {
  assert.throws(() => createHttp1Client({ origin: "https://127.0.0.1", path: "/" }), TypeError);
});
