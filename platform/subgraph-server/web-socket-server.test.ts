import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, test } from "node:test";
import WebSocket from "ws";
import { createLogger } from "../telemetry/index.ts";
import { attachWebSocketServer } from "./web-socket-server.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A socket server that takes subscriptions whose query is `signed` for signed. */
async function start(unsignedMs: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  const sockets = attachWebSocketServer({
    server,
    unsignedMs,
    logger: createLogger({ service: "test", level: "silent" }),
    formatError: () => ({ message: "refused" }),
    subscribe: ({ payload, onSigned }) => {
      if (payload.query === "signed") onSigned?.();
      return (async function* () {
        yield { data: { query: payload.query } };
      })();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(async () => {
    await sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function open(port: number, messages: readonly object[]): { closed: Promise<number>; heard: string[]; socket: WebSocket } {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws");
  const heard: string[] = [];
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
  socket.on("message", (data) => {
    const { type } = JSON.parse(String(data)) as { type: string };
    heard.push(type);
    if (type === "connection_ack") for (const message of messages) socket.send(JSON.stringify(message));
  });
  return { socket, heard, closed: new Promise((resolve) => socket.on("close", resolve)) };
}

const subscription = (query: string) => ({ type: "subscribe", id: query, payload: { query } });

test("a socket that sends no signed subscription is closed, one that does stays", async () => {
  const { port } = await start(300);
  const idle = open(port, []);
  const unsigned = open(port, [subscription("unsigned")]);
  const signed = open(port, [subscription("signed")]);
  assert.deepEqual(await Promise.all([idle.closed, unsigned.closed]), [4403, 4403]);
  assert.deepEqual(signed.heard, ["connection_ack", "next", "complete"]);
  assert.equal(signed.socket.readyState, WebSocket.OPEN);
  signed.socket.terminate();
});

test("an upgrade on another path is refused and its connection cut, whatever the client does", async () => {
  const { server, port } = await start(10_000);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write("GET /other HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
  const answer = await new Promise<string>((resolve) => socket.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  assert.match(answer, /^HTTP\/1\.1 404 /);
  const deadline = performance.now() + 2_000;
  const count = () => new Promise<number>((resolve) => server.getConnections((_, connections) => resolve(connections)));
  while ((await count()) > 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await count(), 0);
  socket.destroy();
});
