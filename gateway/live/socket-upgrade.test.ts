import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { openSocket } from "./testing/open-socket.ts";
import { closeCodeOf, opcodes, openRaw, rawFrame, statusOf, upgradeRequest } from "./testing/raw-socket.ts";
import { allowedOrigin, socketServersPerTest } from "./testing/start-socket-server.ts";
import { waitUntil } from "./testing/wait-until.ts";

const start = socketServersPerTest();

const manyHeaders = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`h${index}`, ""]));
const refusals: [string, Parameters<typeof upgradeRequest>[0], number][] = [
  ["2,000 headers", { headers: manyHeaders }, 431],
  ["another path", { path: "/graphql/../metrics" }, 404],
  ["a path that only begins like ours", { path: "/graphqlx" }, 404],
  ["an origin that is not listed", { headers: { origin: "https://evil.example" } }, 403],
  ["an origin that only begins like a listed one", { headers: { origin: `${allowedOrigin}.evil.example` } }, 403],
  ["the opaque origin", { headers: { origin: "null" } }, 403],
  ["no subprotocol", { headers: { "sec-websocket-protocol": undefined } }, 400],
  ["the subprotocol of older clients", { headers: { "sec-websocket-protocol": "graphql-ws" } }, 400],
  ["no key", { headers: { "sec-websocket-key": undefined } }, 400],
  ["an old version", { headers: { "sec-websocket-version": "7" } }, 400],
];

test("an upgrade that is not ours is refused with its status, and the connection is cut on our side", async () => {
  const server = await start();
  for (const [name, options, status] of refusals) {
    const { closed, socket } = openRaw(server.port, upgradeRequest(options));
    assert.equal(statusOf(await closed), status, name);
    // The client has not closed its side: the server must not wait for it.
    await waitUntil(`no connection left after ${name}`, async () => (await server.connections()) === 0);
    socket.destroy();
  }
  assert.equal(server.openSockets(), 0);
});

test("a client that resets its connection instead of reading the refusal does no harm", async () => {
  const server = await start();
  for (let round = 0; round < 20; round++) {
    const { socket } = openRaw(server.port, upgradeRequest({ headers: { origin: "https://evil.example" } }));
    await once(socket, "connect");
    socket.resetAndDestroy();
  }
  await waitUntil("all connections are gone", async () => (await server.connections()) === 0);
  const { socket, closed } = openRaw(server.port, upgradeRequest());
  await waitUntil("a socket is open", () => server.openSockets() === 1);
  socket.destroy();
  assert.ok(closed);
});

test("a listed origin, and a client that is no browser, are let in", async () => {
  const server = await start();
  for (const headers of [{ origin: allowedOrigin }, {}]) await openSocket(server.port, { headers }).init();
});

test("what offers another protocol is answered in plain HTTP", async () => {
  const server = await start();
  const request =
    "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\ncontent-length: 1\r\n\r\nx";
  const answer = (await openRaw(server.port, request).closed).toString();
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*plain POST$/);
});

test("the process takes so many sockets, and so many that do not say who they are", async () => {
  const full = await start({ limits: { maxSockets: 2 } });
  const [first] = [openSocket(full.port), openSocket(full.port)];
  await Promise.all([first!.init("mia")]);
  await waitUntil("two sockets are open", () => full.openSockets() === 2);
  assert.equal(await openSocket(full.port).refused, 503);

  const silent = await start({ limits: { maxSocketsBeforeInit: 2, initTimeoutMs: 10_000 } });
  const waiting = [openSocket(silent.port), openSocket(silent.port)];
  await Promise.all(waiting.map(({ opened }) => opened));
  assert.equal(await openSocket(silent.port).refused, 503);
  await waiting[0]!.init("mia");
  await openSocket(silent.port).init("olive");
});

test("anonymous sockets are counted by address and together, and leave the places of users alone", async () => {
  const server = await start({ limits: { maxAnonymousSocketsPerAddress: 1, maxAnonymousSockets: 2 } });
  const from = (address: string) => openSocket(server.port, { headers: { "x-test-address": address } });
  const refused = { code: 4403, reason: "Too many sockets" };
  const [one, two] = [from("192.0.2.1"), from("192.0.2.2")];
  await Promise.all([one.init(), two.init()]);
  for (const address of ["192.0.2.1", "192.0.2.3"]) {
    const over = from(address);
    await over.opened;
    over.say({ type: "connection_init" });
    assert.deepEqual(await over.closed, refused, address);
  }
  await from("192.0.2.1").init("mia");
  one.socket.close();
  await one.closed;
  await waitUntil("its place is free", () => server.openSockets() === 2);
  await from("192.0.2.3").init();
});

test("the eleventh socket of a user is refused, and each that closes makes room for one", async () => {
  const server = await start();
  const sockets = Array.from({ length: 10 }, () => openSocket(server.port));
  await Promise.all(sockets.map((socket) => socket.init("mia")));
  const eleventh = openSocket(server.port);
  await eleventh.opened;
  eleventh.say({ type: "connection_init", payload: { Authorization: "Bearer mia" } });
  assert.deepEqual(await eleventh.closed, { code: 4403, reason: "Too many sockets" });
  await openSocket(server.port).init("olive");
  sockets[0]!.socket.terminate();
  await waitUntil("its place is free", () => server.openSockets() === 10);
  await openSocket(server.port).init("mia");
});

test("frames that come before the answer to the upgrade are not lost", async () => {
  const server = await start();
  const early = Buffer.concat([Buffer.from(upgradeRequest()), rawFrame(opcodes.binary, "x")]);
  const { socket, received } = openRaw(server.port, early);
  await waitUntil("the close frame has come", () => closeCodeOf(received()) !== undefined);
  assert.equal(closeCodeOf(received()), 1003);
  socket.destroy();
});
