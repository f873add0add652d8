import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
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
  await until(() => held.length === 2);
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
