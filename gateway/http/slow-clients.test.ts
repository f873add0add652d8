import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { pino } from "pino";
import { waitUntil } from "../live/testing/wait-until.ts";
import { createHttpServer } from "./http-server.ts";

const server = createHttpServer({
  handle: async (request) => {
    await request.readBody(1_000);
    return { status: 200, headers: {}, body: "{}" };
  },
  compression: false,
  drainDelayMs: 0,
  logger: pino({ level: "silent" }),
});

/** Sends the beginning, then a byte a second; resolves with what came back and how long the connection lived. */
function drip(port: number, beginning: string): Promise<{ received: string; livedMs: number }> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const timer = setInterval(() => socket.write("a"), 1_000);
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("error", () => {}); // a reset ends it as well: `close` follows
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ received, livedMs: performance.now() - startedMs });
    });
    socket.write(beginning);
  });
}

test("who sends a byte a second is cut off: headers within 10 s, a body within 15 s, with 408 in JSON", async (t) => {
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  const [headers, body] = await Promise.all([
    drip(port, "POST /graphql HTTP/1.1\r\nhost: x\r\nx: "),
    drip(port, "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n"),
  ]);
  assert.match(headers.received, /^HTTP\/1\.1 408 [\s\S]*"code":"TIMEOUT"/);
  assert.match(body.received, /^HTTP\/1\.1 408 [\s\S]*"code":"TIMEOUT"/);
  assert.ok(headers.livedMs > 9_000 && headers.livedMs < 14_000, `${headers.livedMs} ms`);
  assert.ok(body.livedMs > 14_000 && body.livedMs < 19_000, `${body.livedMs} ms`);
});

test("who does not read an answer is cut off, so that nothing waits for them at the end", async () => {
  const large = createHttpServer({
    handle: async () => ({ status: 200, headers: {}, body: "x".repeat(32 * 1024 * 1024) }),
    compression: false,
    drainDelayMs: 0,
    logger: pino({ level: "silent" }),
    stalledMs: 300,
  });
  const { port } = await large.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // the reset
  socket.pause();
  const startedMs = performance.now();
  socket.write("GET /graphql HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(large.server, "request");
  await large.close();
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs > 200 && tookMs < 5_000, `${tookMs} ms`);
  socket.destroy();
});

test("an answer that is being sent when the server closes arrives whole", async () => {
  const bytes = 32 * 1024 * 1024;
  const large = createHttpServer({
    handle: async () => ({ status: 200, headers: {}, body: "x".repeat(bytes) }),
    compression: false,
    drainDelayMs: 0,
    logger: pino({ level: "silent" }),
  });
  const { port } = await large.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect(port, "127.0.0.1");
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  socket.pause();
  socket.write("GET /graphql HTTP/1.1\r\nhost: x\r\n\r\n");
  const [, outgoing] = (await once(large.server, "request")) as [IncomingMessage, ServerResponse];
  await waitUntil("the answer is written, and most of it waits for the client", () => outgoing.writableEnded);
  assert.ok(!outgoing.writableFinished);
  const closing = large.close();
  await waitUntil("nothing more is accepted", () => !large.server.listening);
  socket.resume();
  await Promise.all([closing, once(socket, "close")]);
  assert.ok(received > bytes, `${received} of ${bytes} bytes`);
});

test("a connection that waits for its next request is no stalled one", async (t) => {
  const mixed = createHttpServer({
    handle: async ({ path }) => ({ status: 200, headers: {}, body: path === "/large" ? "x".repeat(32 * 1024 * 1024) : "{}" }),
    compression: false,
    drainDelayMs: 0,
    logger: pino({ level: "silent" }),
    stalledMs: 100,
  });
  const { port } = await mixed.listen({ host: "127.0.0.1", port: 0 });
  const [waiting, stalled] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  t.after(async () => {
    waiting.destroy();
    stalled.destroy();
    await mixed.close();
  });
  stalled.on("error", () => {}); // the reset
  stalled.pause();
  const closed = once(waiting, "close").then(() => ["closed"]);
  const answerOf = async (): Promise<string> => {
    waiting.write("GET /graphql HTTP/1.1\r\nhost: x\r\n\r\n");
    return String((await Promise.race([once(waiting, "data"), closed]))[0]);
  };
  assert.match(await answerOf(), /^HTTP\/1\.1 200 /);
  stalled.write("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
  const [, outgoing] = (await once(mixed.server, "request")) as [IncomingMessage, ServerResponse];
  await once(outgoing, "close"); // began after the other began to wait, and is cut off
  assert.match(await answerOf(), /^HTTP\/1\.1 200 /);
});
