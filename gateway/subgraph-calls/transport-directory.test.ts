import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Cancellation } from "@tributary/platform/cancellation";
import { createTransportDirectory, type HttpClientName } from "./transport-directory.ts";

/** What the first bytes are that reach a subgraph at an address of this scheme. */
async function firstBytes(scheme: string, httpClient?: HttpClientName): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const directory = createTransportDirectory({ addressOf: (name) => ({ name, url }), ...(httpClient && { httpClient }) });
  const request = { head: "x: y\r\n", body: "{}", kind: "query", timeoutMs: 5_000, signal: new Cancellation() } as const;
  const sent = directory.transportOf("tasks")!.send(request);
  const bytes = await new Promise<Buffer>((resolve) =>
    server.on("connection", (socket: Socket) =>
      socket.once("data", (data: Buffer) => {
        socket.destroy();
        resolve(data);
      }),
    ),
  );
  await assert.rejects(sent, { fault: "connection" });
  await directory.close();
  server.close();
  return bytes;
}

test("calls http: addresses with our client, with undici's where that is asked for, and https: always with undici's", async () => {
  const undicis = /^connection: keep-alive/m; // ours says nothing: HTTP/1.1 keeps connections
  assert.doesNotMatch(String(await firstBytes("http")), undicis);
  assert.match(String(await firstBytes("http", "undici")), undicis);
  for (const client of ["own", "undici"] as const) assert.equal((await firstBytes("https", client))[0], 0x16); // a TLS handshake
});
