import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pino } from "pino";
import { createHttpServer } from "./http-server.ts";

const part = "p".repeat(64 * 1024);
const count = 400; // more than the buffers of both ends of a loopback connection hold

/** A server whose answers are long and in parts; `taken` counts those it was asked for. */
async function startServer() {
  const state = { taken: 0, ended: 0 };
  async function* parts(): AsyncGenerator<string, void, undefined> {
    try {
      for (; state.taken < count; state.taken++) yield part;
    } finally {
      state.ended += 1;
    }
  }
  const logger = pino({ level: "silent" });
  const handle = async () => ({ status: 200, headers: { "content-type": "text/plain" }, body: "first", parts: parts() });
  const server = createHttpServer({ handle, compression: true, drainDelayMs: 0, logger });
  return { state, server, ...(await server.listen({ host: "127.0.0.1", port: 0 })) };
}

async function ask(port: number) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  return socket;
}

test("no part is made before there is room for it; when there is, all come", async () => {
  const { state, server, port } = await startServer();
  const socket = await ask(port);
  socket.pause();
  let before = -1;
  for (let still = 0; still < 1_000; still = before === state.taken ? still + 1 : 0) {
    before = state.taken;
    await nextTurn();
  }
  assert.ok(state.taken < count, `${state.taken} parts`);
  let bytes = 0;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
  });
  socket.resume();
  await once(socket, "close");
  assert.equal(state.taken, count);
  assert.ok(bytes > count * part.length);
  await server.close();
});

test("a client that goes while the server waits for room ends the making of parts", async () => {
  const { state, server, port } = await startServer();
  const socket = await ask(port);
  await once(socket, "data");
  socket.destroy();
  while (state.ended === 0) await nextTurn();
  assert.ok(state.taken < count);
  await server.close();
});
