import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Connection } from "./connection.ts";
import { Exchange } from "./exchange.ts";
import { until } from "./test-server.ts";

test("takes nothing more while its server does not take what was written", async () => {
  let reader: Socket | undefined;
  const server = createServer((socket) => {
    reader = socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const limits = { maxResponseBytes: 1_000, connectTimeoutMs: 1_000, idleMs: 1_000 };
  const owner = { turnMs: () => 0, onReply: () => {}, onOver: () => {} };
  const connection = new Connection({ host: "127.0.0.1", port, requestStart: "POST / HTTP/1.1\r\n", ...limits }, owner, 0);
  const faults: string[] = [];
  const handler = { onReply: () => assert.fail("no reply"), onFailure: ({ fault }: { fault: string }) => faults.push(fault) };
  const request = { head: "", body: "x".repeat(8_000_000), timeoutMs: 5_000, mayPipeline: true };
  connection.add(new Exchange(request, handler), 0);
  assert.ok(connection.isJoinable);
  await until(() => reader !== undefined && !connection.isJoinable);
  reader!.resume();
  await until(() => connection.isJoinable);
  connection.close();
  assert.deepEqual(faults, ["connection"]);
  server.close();
});
