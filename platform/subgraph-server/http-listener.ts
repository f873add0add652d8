import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, type Socket, Server as TcpServer } from "node:net";
import { errorResponse, type SubgraphHttpRequest, type SubgraphHttpResponse } from "./http-message.ts";

/** Limit of a request body. The gateway takes 256 KiB from clients; what it sends on is not larger. */
export const maxBodyBytes = 256 * 1024;
const maxHeaderBytes = 16 * 1024; // Node's default; reference: attack 12

export type HttpHandler = (request: SubgraphHttpRequest) => Promise<SubgraphHttpResponse>;

/** Reads the body as text; undefined where it is larger than `maxBodyBytes`. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const flatHeaders = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );

function write(outgoing: ServerResponse, { status, headers, body }: SubgraphHttpResponse, isLast = false): void {
  if (outgoing.destroyed) return;
  const closing = isLast && { connection: "close" }; // so that the caller's pool does not use the connection again
  outgoing.writeHead(status, { ...headers, ...closing, "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: HttpHandler,
  isLast: () => boolean,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const body = await readBody(incoming);
  if (body === undefined) {
    // The rest of the body is not read: the connection cannot be used again.
    write(outgoing, errorResponse(413, "PAYLOAD_TOO_LARGE", "The request body is too large", { connection: "close" }));
    return;
  }
  const path = (incoming.url ?? "/").split("?", 1)[0]!;
  const request = { method: incoming.method ?? "GET", path, headers: flatHeaders(incoming), body, signal: gone.signal };
  write(outgoing, await handle(request), isLast());
}

export type HttpListener = {
  readonly server: Server;
  /** Accepts nothing more; resolves when every answer is sent and every connection closed. */
  stop(): Promise<void>;
};

/** An HTTP/1.1 server in front of `handle`: body cap, timeouts, JSON for every error. `onError` gets what `handle` throws. */
export function createHttpListener(handle: HttpHandler, onError: (error: unknown) => void): HttpListener {
  let running = 0;
  let lastAnswered: (() => void) | undefined;
  const newest = new WeakMap<Socket, IncomingMessage>();
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 10_000, // D19
      requestTimeout: 15_000, // D19
      keepAliveTimeout: 75_000, // D19: above the idle timeout of balancers (60 s)
      connectionsCheckingInterval: 2_000, // slow senders are closed within 2 s of their limit
    },
    (incoming, outgoing) => {
      running += 1;
      outgoing.once("close", () => {
        running -= 1;
        if (running === 0) lastAnswered?.();
      });
      // An answer that ends the connection cuts off the requests behind it: those that had come before the stop are answered.
      newest.set(incoming.socket, incoming);
      const cameLate = !server.listening;
      const isLast = (): boolean => !server.listening && (cameLate || newest.get(incoming.socket) === incoming);
      answer(incoming, outgoing, handle, isLast).catch((error: unknown) => {
        if (incoming.destroyed && !incoming.complete) return; // the caller went away while sending
        onError(error);
        if (!outgoing.headersSent) write(outgoing, errorResponse(500, "INTERNAL_SERVER_ERROR", "Internal server error"));
      });
    },
  );
  server.maxConnections = 4_096; // far above the gateways' pools (64 each); bounds memory when something else connects
  return {
    server,
    async stop() {
      // The close of `node:http` would also cut connections whose answer is written but not sent yet.
      const closed = new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
      if (running > 0) {
        await new Promise<void>((resolve) => {
          lastAnswered = resolve;
        });
      }
      server.close(); // what is left is idle
      await closed;
    },
  };
}

/** Starts listening; resolves with the port taken (0 asks for any). */
export const listenOn = (server: Server, { host, port }: { host: string; port: number }): Promise<{ port: number }> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
