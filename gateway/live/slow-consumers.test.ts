import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { RunOperation } from "./socket-session.ts";
import { openSocket } from "./testing/open-socket.ts";
import { opcodes, openRaw, rawFrame, upgradeRequest } from "./testing/raw-socket.ts";
import { socketServersPerTest } from "./testing/start-socket-server.ts";
import { waitUntil } from "./testing/wait-until.ts";

const start = socketServersPerTest();

const init = { type: "connection_init" };
const subscribe = (payload: unknown, id: unknown = "a") => ({ type: "subscribe", id, payload });

/** Each result is `bytes` long; `produced` tells how many were asked for. */
function endless(bytes: number): { run: RunOperation; produced: () => number; ended: () => boolean } {
  const body = JSON.stringify({ data: { text: randomBytes(bytes / 2).toString("hex") } });
  let count = 0;
  let over = false;
  return {
    produced: () => count,
    ended: () => over,
    run: async function* ({ signal }) {
      try {
        while (!signal.aborted) {
          count += 1;
          yield body;
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        over = true;
      }
    },
  };
}

/** A client that reads nothing after the acknowledgement. */
async function openDeaf(port: number): Promise<Socket> {
  const { socket, received } = openRaw(port, upgradeRequest());
  await waitUntil("the upgrade is answered", () => received().includes("\r\n\r\n"));
  socket.write(rawFrame(opcodes.text, JSON.stringify(init)));
  await waitUntil("the socket may subscribe", () => received().includes("connection_ack"));
  socket.pause();
  return socket;
}

test("a client that stops reading is cut off, and nothing is produced for it meanwhile", async () => {
  const frameBytes = 64 * 1024;
  const source = endless(frameBytes);
  const maxBufferedBytes = 256 * 1024;
  const server = await start({ run: source.run, limits: { slowConsumerMs: 300, maxBufferedBytes } });
  const socket = await openDeaf(server.port);
  for (let id = 0; id < 20; id++) socket.write(rawFrame(opcodes.text, JSON.stringify(subscribe({ query: "a" }, `s${id}`))));
  await waitUntil("the buffers are full", () => server.unsentBytes() > maxBufferedBytes);
  await waitUntil("its operations are ended", source.ended);
  await waitUntil("the connection is cut", () => server.openSockets() === 0);
  assert.ok(source.produced() * frameBytes < 40 * 1024 * 1024, `${source.produced()} frames`);
  socket.destroy();
});

test("a client that reads again in time has missed nothing", async () => {
  const source = endless(64 * 1024);
  const maxBufferedBytes = 256 * 1024;
  const server = await start({ run: source.run, limits: { slowConsumerMs: 10_000, maxBufferedBytes } });
  const client = openSocket(server.port);
  await client.init("mia");
  client.socket.pause();
  client.subscribe("a");
  await waitUntil("the buffers are full", () => server.unsentBytes() > maxBufferedBytes);
  const full = source.produced();
  client.socket.resume();
  const results = (): number => client.frames.filter(({ type }) => type === "next").length;
  await waitUntil("all of it and more has come", () => results() > full + 10);
  client.say({ type: "complete", id: "a" });
  await waitUntil("it is over", source.ended);
  client.say({ type: "ping" });
  await client.until("pong");
  assert.ok(source.produced() - results() <= 1, "all but the one in hand at `complete` were sent, and arrived");
});

test("a client that reads nothing but keeps asking is cut off too", async () => {
  const refuse: RunOperation = () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error(`no ${"x".repeat(1_000)}`)) }),
  });
  const maxBufferedBytes = 1_000;
  const server = await start({
    run: refuse,
    limits: { slowConsumerMs: 200, maxBufferedBytes, messageBurst: 1_000_000, pingIntervalMs: 60_000 },
  });
  const socket = await openDeaf(server.port);
  const asking = setInterval(() => {
    for (let count = 0; count < 2_000; count++) {
      socket.write(rawFrame(opcodes.text, JSON.stringify(subscribe({ query: "a" }, `s${count}`))));
    }
  }, 20);
  try {
    await waitUntil("the buffer is full", () => server.unsentBytes() > maxBufferedBytes, 20_000);
    await waitUntil("the connection is cut", () => server.openSockets() === 0, 20_000);
  } finally {
    clearInterval(asking);
  }
  socket.destroy();
});
