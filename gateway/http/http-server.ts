import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Socket, Server as TcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancellation, type CancelSignal } from "@tributary/platform/cancellation";
import type { Logger } from "pino";
import { type CompressedBody, chooseEncoding, compressBody } from "./compress-body.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./http-message.ts";
import { readBody } from "./read-body.ts";
import { sendParts } from "./send-parts.ts";

export type HttpServerOptions = {
  readonly handle: HttpHandler;
  readonly compression: boolean;
  /** How long `close` goes on serving, for balancers that still send requests here. */
  readonly drainDelayMs: number;
  readonly logger: Logger;
  /** How long a client may leave an answer unread; 30 s unless given. */
  readonly stalledMs?: number;
};

export type HttpServer = {
  /** For what shares the port, such as WebSocket upgrades. */
  readonly server: Server;
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /** After the delay stops accepting; resolves when the last running request is answered. Leaves WebSockets open. */
  close(): Promise<void>;
};

const maxHeaderBytes = 16 * 1024;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 15_000;
const keepAliveTimeoutMs = 75_000; // above the 60 s of common balancers: they close first, so no request meets a closing socket
const timeoutCheckMs = 1_000; // Node looks every 30 s by default
const onePieceBytes = 4 * 1024;
const defaultStalledMs = 30_000; // twice what a request may take: only a client that does not read its answer is silent this long
const maxConnections = 20_000;

/** The public port: bytes to requests and responses to bytes, each bounded in size and time. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { handle, compression, drainDelayMs, logger, stalledMs = defaultStalledMs } = options;
  let closing = false;
  let running = 0;
  let lastAnswered: (() => void) | undefined;
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
    // Clients also offer other protocols (`h2c`): to those the answer is plain HTTP, as if they had not.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  });
  server.timeout = stalledMs;
  server.maxConnections = maxConnections;
  server.maxHeadersCount = 0; // the default drops those past 2,000 in silence; admission counts them instead

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    running += 1;
    const gone = new Cancellation();
    outgoing.on("close", () => {
      running -= 1;
      if (running === 0) lastAnswered?.();
      if (!outgoing.writableFinished) gone.abort(new Error("the client has gone"));
    });
    try {
      const answer = await handle(toRequest(incoming, gone));
      if (outgoing.destroyed) return; // the client has gone
      if (answer.parts) {
        outgoing.writeHead(answer.status, { ...answer.headers, ...(closing && { connection: "close" }) });
        await sendParts(outgoing, answer.body, answer.parts);
        return;
      }
      const encoding = compression ? chooseEncoding(answer.body, readHeader(incoming, "accept-encoding")) : null;
      write(outgoing, answer, encoding && { body: await compressBody(answer.body, encoding), encoding });
    } catch (error) {
      logger.error({ err: error }, "request handler failed"); // the pipeline answers every error: this is a fault in it
      if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "application/json; charset=utf-8" });
      outgoing.end(errorBody("INTERNAL_SERVER_ERROR", "Internal server error"));
    }
  }

  function write(outgoing: ServerResponse, answer: HttpResponse, compressed: CompressedBody | null): void {
    const { body, encoding } = toBytes(compressed?.body ?? answer.body);
    const headers: string[] = []; // flat, names and values: Node writes such a list as it is
    for (const name in answer.headers) headers.push(name, answer.headers[name]!);
    if (compressed) headers.push("content-encoding", compressed.encoding);
    if (closing) headers.push("connection", "close");
    if (answer.status !== 204) headers.push("content-length", String(body.length));
    outgoing.writeHead(answer.status, headers);
    outgoing.end(body, encoding);
  }

  server.on("request", (incoming, outgoing) => void serve(incoming, outgoing));
  server.on("clientError", answerBrokenRequest);

  return {
    server,
    async listen({ host, port }) {
      server.listen(port, host);
      await once(server, "listening");
      const address = server.address();
      return { port: typeof address === "object" && address ? address.port : port };
    },
    async close() {
      closing = true; // answers from now on ask clients to connect anew, elsewhere
      await sleep(drainDelayMs, undefined, { ref: false });
      // Stops accepting. The close of `node:http` would also cut connections whose answer is written but not sent yet.
      TcpServer.prototype.close.call(server);
      if (running > 0) {
        await new Promise<void>((resolve) => {
          lastAnswered = resolve;
        });
      }
      server.close(); // what is left is idle
    },
  };
}

/**
 * A body whose length is its bytes, converted once: `byteLength` and `end` of a long text would each go through all of it.
 * Head and body of a small answer are one text, and so one write; of a text and bytes they are two pieces.
 */
function toBytes(body: string | Buffer): { readonly body: string | Buffer; readonly encoding: BufferEncoding } {
  const isText = typeof body === "string";
  if (isText && body.length <= onePieceBytes && Buffer.byteLength(body) === body.length) return { body, encoding: "latin1" }; // ASCII
  const bytes = isText ? Buffer.from(body) : body;
  if (bytes.length > onePieceBytes) return { body: bytes, encoding: "utf8" };
  return { body: bytes.toString("latin1"), encoding: "latin1" };
}

function toRequest(incoming: IncomingMessage, gone: CancelSignal): HttpRequest {
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    queryString: mark < 0 ? "" : url.slice(mark + 1),
    headers: incoming.headers,
    headerCount: incoming.rawHeaders.length / 2,
    remoteAddress: incoming.socket.remoteAddress ?? null,
    readBody: (maxBytes) => readBody(incoming, maxBytes),
    signal: gone,
  };
}

const readHeader = (incoming: IncomingMessage, name: string): string | undefined => {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
};

/** Answers what Node could not parse, in JSON as everything else, and ends the connection. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "BAD_REQUEST", "The headers are too large."]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "TIMEOUT", "The request took too long to arrive."]
        : ["400 Bad Request", "BAD_REQUEST", "The request is not HTTP."];
  const body = errorBody(code, message);
  const headers = `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

const errorBody = (code: string, message: string): string => JSON.stringify({ errors: [{ message, extensions: { code } }] });
