import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { parseConsistency } from "@tributary/contracts/consistency";
import { createSignatureVerifier } from "../request-signature/index.ts";
import type { SubgraphHttpRequest } from "../subgraph-server/index.ts";
import { createLogger } from "../telemetry/index.ts";
import { createSubgraphClient } from "./subgraph-client.ts";

const secret = "a secret that only tests know, 32+";
const logger = createLogger({ service: "test", level: "silent" });
const identity = { userId: "usr_1", sessionId: null, scopes: [] };

const clientOf = (answer: (request: SubgraphHttpRequest) => unknown) =>
  createSubgraphClient({
    secret,
    logger,
    target: { server: { handle: async (request) => ({ status: 200, headers: {}, body: JSON.stringify(answer(request)) }) } },
  });

test("sends a signed request with the identity, the deadline and the positions it must see", async () => {
  let seen: SubgraphHttpRequest | undefined;
  const client = clientOf((request) => {
    seen = request;
    return { data: { ok: true } };
  });
  const consistency = parseConsistency("users=0/2A");
  assert.deepEqual(await client.query({ query: "{ ok }", identity, consistency, requestId: "r1", timeoutMs: 500 }), { ok: true });
  assert.deepEqual(createSignatureVerifier({ secret }).verify(seen!), identity);
  assert.equal(seen!.headers["x-consistency"], "users=0/2A");
  assert.equal(seen!.headers["x-request-id"], "r1");
  assert.equal(seen!.headers["x-deadline-ms"], "500");
});

test("an answer with errors is UNAVAILABLE, with the errors as its cause and not in its text", async () => {
  const client = clientOf(() => ({ data: { ok: null }, errors: [{ message: "hidden" }] }));
  await assert.rejects(client.query({ query: "{ ok }", identity, timeoutMs: 500 }), (error: Error & { code?: string }) => {
    assert.equal(error.code, "UNAVAILABLE");
    assert.doesNotMatch(error.message, /hidden/);
    assert.match(String(error.cause), /hidden/);
    return true;
  });
});

async function withServer(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("over HTTP: tries once more when the connection breaks, with a signature of its own", async () => {
  const signatures: unknown[] = [];
  await withServer(
    (request, response) => {
      signatures.push(request.headers["x-tributary-signature"]);
      if (signatures.length === 1) request.socket.destroy();
      else response.end('{"data":{"ok":true}}');
    },
    async (url) => {
      const client = createSubgraphClient({ secret, logger, target: { url } });
      assert.deepEqual(await client.query({ query: "{ ok }", identity: null, timeoutMs: 2_000 }), { ok: true });
    },
  );
  assert.equal(new Set(signatures).size, 2);
});

test("over HTTP: gives up at the timeout, and on an endless answer", async () => {
  await withServer(
    () => undefined,
    async (url) => {
      const client = createSubgraphClient({ secret, logger, target: { url } });
      await assert.rejects(client.query({ query: "{ ok }", identity: null, timeoutMs: 50 }), { code: "TIMEOUT" });
    },
  );
  const block = Buffer.alloc(1024 * 1024, 0x20);
  await withServer(
    (_request, response) => {
      const more = () => response.write(block, (error) => !error && more());
      more();
    },
    async (url) => {
      const client = createSubgraphClient({ secret, logger, target: { url } });
      await assert.rejects(client.query({ query: "{ ok }", identity: null, timeoutMs: 10_000 }), { code: "UNAVAILABLE" });
    },
  );
});
