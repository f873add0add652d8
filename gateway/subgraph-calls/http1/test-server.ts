import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { TransportError } from "../transport.ts";
import type { Http1Client, Http1ClientOptions, Http1Request } from "./index.ts";
import { createHttp1Client } from "./index.ts";

/** A server that sends exactly the bytes it is told to. */
export interface RawServer {
  readonly origin: string;
  /** How many connections there have been, and are. */
  readonly opened: number;
  readonly open: number;
  /** Number of requests whose head and body have come. */
  readonly requests: number;
  /** What came in each read. */
  readonly reads: readonly string[];
  /** Ends every connection, as a restart would. */
  cut(): void;
  close(): Promise<void>;
}

export interface RawRequest {
  readonly body: string;
  readonly head: string;
  /** Both count from 0. */
  readonly number: number;
  readonly connection: number;
  readonly socket: Socket;
  /** Each piece arrives in a read of its own. */
  send(...pieces: readonly (string | Buffer)[]): Promise<void>;
}

/** Stopped at the end of the test at the latest. */
export async function startRawServer(
  context: TestContext,
  answer: (request: RawRequest) => unknown,
  { host = "127.0.0.1" }: { host?: string } = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const reads: string[] = [];
  let opened = 0;
  let requests = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = opened;
    opened += 1;
    sockets.add(socket);
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      reads.push(chunk);
      text += chunk;
      for (;;) {
        const headEnd = text.indexOf("\r\n\r\n");
        const bodyEnd = headEnd + 4 + Number(/^content-length: (\d+)/m.exec(text)?.[1] ?? 0);
        if (headEnd < 0 || bodyEnd > text.length) return;
        const request = { head: text.slice(0, headEnd), body: text.slice(headEnd + 4, bodyEnd) };
        text = text.slice(bodyEnd);
        const send = (...pieces: readonly (string | Buffer)[]) => sendPieces(socket, pieces);
        requests += 1;
        answer({ ...request, number: requests - 1, connection, socket, send });
      }
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  context.after(close);
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    get opened() {
      return opened;
    },
    get open() {
      return sockets.size;
    },
    get requests() {
      return requests;
    },
    reads,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close,
  };
}

async function sendPieces(socket: Socket, pieces: readonly (string | Buffer)[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await turns(2); // the reader is in this process: it has read by then
  }
}

/** That many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

export const reply = (body: string, ...lines: string[]): string =>
  [`HTTP/1.1 200 OK`, `Content-Length: ${Buffer.byteLength(body)}`, ...lines, "", body].join("\r\n");

export type Outcome = { readonly status: number; readonly body: string } | TransportError;

/** One request and how it ends: an error is given, not thrown. */
export const ask = (client: Http1Client, body: string, request: Partial<Http1Request> = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    client.send(
      { head: "", body, timeoutMs: 5_000, mayPipeline: true, ...request },
      { onReply: (status, text) => resolve({ status, body: text }), onFailure: resolve },
    );
  });

/** `fault` of a failed request; of an answered one its status and body. */
export const told = (outcome: Outcome): string =>
  outcome instanceof TransportError ? outcome.fault : `${outcome.status} ${outcome.body}`;

/** A client that is closed with its test. */
export function startClient(context: TestContext, server: RawServer, options: Partial<Http1ClientOptions> = {}): Http1Client {
  const client = createHttp1Client({ origin: server.origin, path: "/graphql", ...options });
  context.after(() => client.close());
  return client;
}

/** A client whose server has shown that it keeps connections, so that requests go behind each other. */
export async function startWarmClient(context: TestContext, server: RawServer, options: Partial<Http1ClientOptions> = {}) {
  const client = startClient(context, server, options);
  const outcome = await ask(client, "warm up");
  if (outcome instanceof TransportError) throw outcome;
  return client;
}
