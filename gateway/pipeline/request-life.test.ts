import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, test } from "node:test";
import type { ExecutionSignal } from "../engine/executor.ts";
import { refusalOf } from "./testing/refusal-of.ts";
import { ask, sendRaw } from "./testing/send.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const gateway = await startTestGateway();
after(gateway.stop);
const { port } = gateway;
const open = { query: "{ open }" };

afterEach(async () => {
  assert.equal((await ask(port, { query: "{ __typename }" })).status, 200, "it still answers");
  assert.deepEqual(Object.keys(Object.prototype), []);
});

const untilAborted = (signal: ExecutionSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

test("a request past its deadline is a 504 TIMEOUT", async (t) => {
  const slow = await startTestGateway({ requestTimeoutMs: 30, execute: ({ signal }) => untilAborted(signal) });
  t.after(slow.stop);
  assert.equal(refusalOf(await ask(slow.port, open)), "504 TIMEOUT");
});

for (const [kind, text, isAborted] of [
  ["query", "{ open }", true],
  ["mutation", "mutation { change }", false],
] as const) {
  test(`a ${kind} whose client has gone is ${isAborted ? "ended" : "finished"}`, async (t) => {
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<boolean>();
    const abandoned = await startTestGateway({
      async execute({ signal }) {
        arrived.resolve();
        await left.promise;
        settled.resolve(signal.aborted);
        return { body: '{"data":{}}', errorCount: 0 };
      },
    });
    t.after(abandoned.stop);
    const body = JSON.stringify({ query: text });
    const socket = connect(abandoned.port, "127.0.0.1");
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await arrived.promise;
    socket.destroy();
    await abandoned.untilLeft();
    left.resolve();
    assert.equal(await settled.promise, isAborted);
  });
}

test("over the limit of requests at a time the answer is 503 at once", async (t) => {
  const release = Promise.withResolvers<void>();
  const busy = await startTestGateway({
    maxConcurrent: 2,
    async execute() {
      await release.promise;
      return { body: '{"data":{}}', errorCount: 0 };
    },
  });
  t.after(busy.stop);
  const held = [ask(busy.port, open), ask(busy.port, open)];
  while (busy.executed.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const refused = await ask(busy.port, open);
  assert.equal(refusalOf(refused), "503 UNAVAILABLE");
  assert.equal(refused.headers["retry-after"], "1");
  release.resolve();
  assert.deepEqual(
    (await Promise.all(held)).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await ask(busy.port, open)).status, 200);
});

test("closing answers what is running, asks its client to go elsewhere, and takes nothing new", async () => {
  const release = Promise.withResolvers<void>();
  const closing = await startTestGateway({
    async execute() {
      await release.promise;
      return { body: '{"data":{}}', errorCount: 0 };
    },
  });
  const running = ask(closing.port, open);
  while (closing.executed.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const closed = closing.close();
  await assert.rejects(
    (async () => {
      for (;;) await ask(closing.port, { query: "{ __typename }" });
    })(),
    /ECONNREFUSED|ECONNRESET/,
  );
  release.resolve();
  const answer = await running;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
});

test("while draining it still serves, and asks clients to connect elsewhere", async () => {
  const draining = await startTestGateway({ drainDelayMs: 200 });
  const closed = draining.close();
  const answer = await ask(draining.port, open, { connection: "keep-alive" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
});

test("headers over 16 KiB: 431, and the connection ends", async () => {
  const received = await sendRaw(port, `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(17 * 1024)}\r\n\r\n`);
  assert.match(received, /^HTTP\/1\.1 431 [\s\S]*"code":"BAD_REQUEST"/);
});

test("content-length beside transfer-encoding, and what is not HTTP: 400 in JSON, and the connection ends", async () => {
  const smuggled = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG`;
  for (const bytes of [smuggled, "HELLO\r\n\r\n", "GET /graphql HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n"]) {
    const received = await sendRaw(port, bytes);
    assert.match(received, /^HTTP\/1\.1 400 [\s\S]*content-type: application\/json[\s\S]*"code":"BAD_REQUEST"/);
  }
});
