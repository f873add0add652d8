import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createHttpListener, listenOn } from "./http-listener.ts";

test("an answer that is being sent when the listener stops arrives whole, and idle connections end", async () => {
  const bytes = 32 * 1024 * 1024;
  const listener = createHttpListener(
    async () => ({ status: 200, headers: {}, body: "x".repeat(bytes) }),
    (error) => assert.ifError(error),
  );
  const { port } = await listenOn(listener.server, { host: "127.0.0.1", port: 0 });
  const idle = connect(port, "127.0.0.1");
  idle.resume();
  idle.write("GET /x HTTP/1.1\r\nhost: x\r\n\r\n");
  const socket = connect(port, "127.0.0.1");
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  socket.pause();
  socket.write("GET /x HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(listener.server, "request");
  await once(listener.server, "request");
  await new Promise((resolve) => setImmediate(resolve));
  const stopping = listener.stop();
  socket.resume();
  await Promise.all([stopping, once(socket, "close"), once(idle, "close")]);
  assert.ok(received > bytes, `${received} of ${bytes} bytes`);
});

test("requests that came behind each other on one connection before the stop are all answered, and then it ends", async () => {
  const waiting: (() => void)[] = [];
  const listener = createHttpListener(
    ({ path }) => new Promise((resolve) => waiting.push(() => resolve({ status: 200, headers: {}, body: path }))),
    (error) => assert.ifError(error),
  );
  const { port } = await listenOn(listener.server, { host: "127.0.0.1", port: 0 });
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.write(["/a", "/b", "/c"].map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(""));
  while (waiting.length < 3) await new Promise((resolve) => setImmediate(resolve));
  const stopping = listener.stop();
  for (const answer of waiting) answer();
  await Promise.all([stopping, once(socket, "close")]);
  assert.deepEqual(received.match(/\/[abc]$|\/[abc](?=HTTP)/g), ["/a", "/b", "/c"]);
  assert.equal(received.match(/^connection: close/gim)?.length, 1);
});
