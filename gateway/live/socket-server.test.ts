import assert from "node:assert/strict";
import { test } from "node:test";
import { type OpenSocket, openSocket } from "./testing/open-socket.ts";
import { closeCodeOf, opcodes, openRaw, rawFrame, upgradeRequest } from "./testing/raw-socket.ts";
import { socketServersPerTest } from "./testing/start-socket-server.ts";
import { waitUntil } from "./testing/wait-until.ts";

const start = socketServersPerTest();

const init = { type: "connection_init" };
const subscribe = (payload: unknown, id: unknown = "a") => ({ type: "subscribe", id, payload });
const faults: [string, number, ((socket: OpenSocket) => void | Promise<void>) | undefined][] = [
  ["no connection_init", 4408, undefined],
  ["two of them", 4429, ({ say }) => [init, init].forEach(say)],
  ["subscribe before the acknowledgement", 4401, ({ say }) => say(subscribe({ query: "once" }))],
  ["a bad token", 4403, ({ say }) => say({ ...init, payload: { authorization: "Bearer bad" } })],
  ["an expired token", 4403, ({ say }) => say({ ...init, payload: { authorization: "Bearer mia/-1" } })],
  ["a token that cannot be checked now", 1013, ({ say }) => say({ ...init, payload: { authorization: "Bearer later" } })],
  ["an init payload that is a string", 4400, ({ say }) => say({ ...init, payload: "x" })],
  ["an init payload that is a list", 4400, ({ say }) => say({ ...init, payload: ["x"] })],
  ["no JSON", 4400, ({ say }) => say("{")],
  ["JSON that is no object", 4400, ({ say }) => say("[1]")],
  ["null", 4400, ({ say }) => say("null")],
  ["an unknown type", 4400, ({ say }) => say({ type: "start", id: "a", payload: {} })],
  ["a type named as Object's own", 4400, ({ say }) => say({ type: "constructor" })],
  ["what only servers send", 4400, ({ say }) => say({ type: "next", id: "a", payload: { data: {} } })],
  ["an acknowledgement", 4400, ({ say }) => say({ type: "connection_ack" })],
  ["an empty id", 4400, ({ say }) => say(subscribe({ query: "once" }, ""))],
  ["a number as id", 4400, ({ say }) => say(subscribe({ query: "once" }, 1))],
  ["an endless id", 4400, ({ say }) => say(subscribe({ query: "once" }, "x".repeat(129)))],
  ["no query", 4400, ({ say }) => say(subscribe({}))],
  ["a query that is a number", 4400, ({ say }) => say(subscribe({ query: 1 }))],
  ["variables that are a list", 4400, ({ say }) => say(subscribe({ query: "once", variables: [1] }))],
  ["variables that are a string", 4400, ({ say }) => say(subscribe({ query: "once", variables: "x" }))],
  ["an operationName that is a number", 4400, ({ say }) => say(subscribe({ query: "once", operationName: 1 }))],
  ["JSON nested 20,000 deep", 4400, ({ say }) => say(`{"type":"ping","payload":${"[".repeat(20_000)}${"]".repeat(20_000)}}`)],
  ["a binary frame", 1003, ({ socket }) => socket.send(Buffer.from(JSON.stringify(init)))],
  ["64 KiB and one byte", 1009, ({ say }) => say("x".repeat(64 * 1024 + 1))],
  [
    "an id that is in use",
    4409,
    async ({ say, until }) => {
      say(init);
      await until("connection_ack");
      for (let time = 0; time < 2; time++) say(subscribe({ query: "forever" }));
    },
  ],
  [
    "2,000 pings at once",
    4403,
    async ({ say, until }) => {
      say(init);
      await until("connection_ack");
      for (let count = 0; count < 2_000; count++) say({ type: "ping" });
    },
  ],
];

test("what the protocol does not allow closes the socket with its code, and nothing stays", async () => {
  const server = await start({ limits: { initTimeoutMs: 1_000 } });
  await Promise.all(
    faults.map(async ([name, code, provoke]) => {
      const client = openSocket(server.port);
      await client.opened;
      await provoke?.(client);
      const closure = await client.closed;
      assert.equal(closure.code, code, `${name}: ${closure.reason}`);
      assert.doesNotMatch(closure.reason, /call stack|JSON|position|\.ts/, name);
    }),
  );
  await waitUntil("all are gone", () => server.openSockets() === 0);
  assert.deepEqual(server.unknownErrors, []);
});

const rawFaults: [string, number, readonly Buffer[]][] = [
  ["a frame that claims 2^40 bytes", 1009, [Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])]],
  ["a frame without a mask", 1002, [Buffer.from([0x81, 1, 0x78])]],
  ["a compressed frame", 1002, [Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x78])]],
  ["text that is not UTF-8", 1007, [rawFrame(opcodes.text, Buffer.from([0xff, 0xfe]))]],
  ["100,000 fragments of one byte", 1008, manyFragments("x", 100_000)],
  ["100,000 empty fragments", 1008, manyFragments("", 100_000)],
  ["fragments of more than 64 KiB together", 1009, manyFragments("x".repeat(125), 1_000)],
  ["a ping longer than a ping may be", 1002, [Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0])]],
];

function manyFragments(text: string, count: number): readonly Buffer[] {
  return [
    rawFrame(opcodes.text, text, { final: false }),
    Buffer.concat(Array(count).fill(rawFrame(opcodes.continuation, text, { final: false }))),
  ];
}

test("frames that break the WebSocket protocol close the connection with its code, and cost no memory", async () => {
  const server = await start();
  const before = process.memoryUsage().rss;
  await Promise.all(
    rawFaults.map(async ([name, code, frames]) => {
      const { socket, received } = openRaw(server.port, upgradeRequest());
      await waitUntil("the upgrade is answered", () => received().includes("\r\n\r\n"));
      for (const frame of frames) socket.write(frame);
      await waitUntil(`a close frame has come for ${name}`, () => closeCodeOf(received()) !== undefined);
      assert.equal(closeCodeOf(received()), code, name);
    }),
  );
  // These clients neither answer the close nor end their side.
  await waitUntil("all connections are cut", () => server.connections() === 0);
  const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
  assert.ok(grownMiB < 64, `${grownMiB} MiB`); // the test's own frames are in there
});

test("ids that are names of Object's own are ordinary ids", async () => {
  const server = await start();
  const { init: initialise, subscribe: send, until } = openSocket(server.port);
  await initialise("mia");
  for (const id of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    send(id);
    await until("complete", id);
  }
});

test("a client that never answers pings is cut off within two of them, one that does stays", async () => {
  const server = await start({ limits: { pingIntervalMs: 100 } });
  const deaf = openSocket(server.port, { autoPong: false });
  const alive = openSocket(server.port);
  const pings = { deaf: 0, alive: 0 };
  deaf.socket.on("ping", () => pings.deaf++);
  alive.socket.on("ping", () => pings.alive++);
  await Promise.all([deaf.init("mia"), alive.init("olive")]);
  await waitUntil("the deaf one is cut off", () => deaf.socket.readyState === deaf.socket.CLOSED);
  assert.equal((await deaf.closed).code, 1006);
  assert.equal(pings.deaf, 1, "the second finds the first unanswered");
  await waitUntil("one is left", () => server.openSockets() === 1);
  await waitUntil("the other has answered several", () => pings.alive > 3);
  alive.say({ type: "ping" });
  await alive.until("pong");
});

test("pings of the WebSocket itself count as messages do", async () => {
  const server = await start();
  const client = openSocket(server.port);
  await client.init("mia");
  const pinging = setInterval(() => {
    for (let count = 0; count < 20 && client.socket.readyState === client.socket.OPEN; count++) client.socket.ping();
  }, 10);
  assert.deepEqual(await client.closed.finally(() => clearInterval(pinging)), { code: 4403, reason: "Message rate" });
});

test("an unknown error's text never reaches the client, and its socket goes on", async () => {
  const server = await start({
    run: async function* ({ payload }) {
      if (payload.query === "break") throw new Error("password=hunter2 at /srv/x");
      yield "{}";
    },
  });
  const client = openSocket(server.port);
  await client.init("mia");
  client.subscribe("a", "break");
  assert.doesNotMatch(JSON.stringify(await client.until("error", "a")), /hunter2|srv/);
  client.subscribe("b");
  await client.until("complete", "b");
  assert.equal(server.unknownErrors.length, 1);
});

test("a session that is revoked loses its sockets at once, and others keep theirs", async () => {
  const ended: string[] = [];
  const server = await start({
    run: async function* ({ principal, signal }) {
      yield "{}";
      await new Promise((done) => signal.addEventListener("abort", done));
      ended.push(principal?.identity.userId ?? "");
    },
  });
  const [mia, alsoMia, olive] = ["mia", "mia", "olive"].map(() => openSocket(server.port)) as [
    OpenSocket,
    OpenSocket,
    OpenSocket,
  ];
  await Promise.all([mia.init("mia"), alsoMia.init("mia"), olive.init("olive")]);
  for (const socket of [mia, alsoMia, olive]) {
    socket.subscribe("a");
    await socket.until("next", "a");
  }
  server.sockets.endSession("session of mia");
  for (const { closed } of [mia, alsoMia]) assert.deepEqual(await closed, { code: 4403, reason: "Session revoked" });
  await waitUntil("its operations are over", () => ended.length === 2);
  assert.deepEqual(ended, ["mia", "mia"]);
  olive.say({ type: "ping" });
  await olive.until("pong");
});

test("draining refuses new sockets and asks the open ones to come back elsewhere, also those that do not read", async () => {
  const server = await start();
  const client = openSocket(server.port);
  const { socket, received } = openRaw(server.port, upgradeRequest());
  await client.init("mia");
  await waitUntil("both are open", () => server.openSockets() === 2);
  const drained = server.sockets.drain(50);
  assert.equal(await openSocket(server.port).refused, 503);
  assert.deepEqual(await client.closed, { code: 1012, reason: "Service restart" });
  await drained;
  await waitUntil("the other was asked too", () => closeCodeOf(received()) === 1012);
  await waitUntil("it is cut although it does not answer", () => server.openSockets() === 0);
  socket.destroy();
});
