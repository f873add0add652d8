import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { createFrameSender } from "./frame-sender.ts";
import type { LiveLimits } from "./live-limits.ts";
import { createSocketPlaces } from "./socket-places.ts";
import { closures, type SocketClosure, subprotocol } from "./socket-protocol.ts";
import { createSocketSession, type RunOperation, type SocketSession, type SocketSessionOptions } from "./socket-session.ts";

/** Whom a socket comes from, as its upgrade request tells. */
export type SocketClient = { readonly address: string; readonly run: RunOperation };

export type SocketServerOptions = {
  readonly path: string;
  /** Browsers on other origins are refused; clients that send no Origin are no browsers. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly limits: LiveLimits;
  readonly authenticate: SocketSessionOptions["authenticate"];
  /** Called once for each socket. */
  readonly clientOf: (request: IncomingMessage) => SocketClient;
  readonly onUnknownError: SocketSessionOptions["onUnknownError"];
  readonly onSocketCount: (count: number) => void;
};

export type SocketServer = {
  attach(server: Server): void;
  /** Ends the sockets of one session at once. */
  endSession(sessionId: string): void;
  /** Refuses new sockets and asks the open ones to come back elsewhere, spread over `spreadMs`. */
  drain(spreadMs: number): Promise<void>;
};

type OpenSocket = { readonly session: SocketSession; close(closure: SocketClosure): void };

const closeGraceMs = 2_000; // for a close frame to arrive before the connection is cut

/** Accepts graphql-transport-ws sockets on an HTTP server and gives each its session. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  const { path, isAllowedOrigin, limits, authenticate, clientOf, onUnknownError, onSocketCount } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false, // a compressed bomb cannot be, and 300 KB of zlib state per socket neither
    handleProtocols: () => subprotocol,
    clientTracking: false,
  });
  const open = new Set<OpenSocket>();
  const places = createSocketPlaces(limits);
  let draining = false;

  function refusal({ url, headers, rawHeaders }: IncomingMessage): [number, string] | null {
    const { origin } = headers;
    if (url?.split("?", 1)[0] !== path) return [404, "Not Found"];
    if (rawHeaders.length / 2 > limits.maxHeaders) return [431, "Request Header Fields Too Large"];
    if (draining || open.size >= limits.maxSockets || !places.hasRoom()) return [503, "Service Unavailable"];
    if (origin !== undefined && !isAllowedOrigin(origin)) return [403, "Forbidden"];
    const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    return offered.includes(subprotocol) ? null : [400, "Bad Request"];
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refused = refusal(request);
    if (refused) refuseUpgrade(socket, ...refused);
    else server.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, clientOf(request)));
  }

  function accept(socket: WebSocket, { run, address }: SocketClient): void {
    const sender = createFrameSender(socket, { ...limits, onSlow: () => entry.close(closures.slowConsumer) });
    const place = places.take(address);
    const session = createSocketSession({ sender, limits, authenticate, run, admit: place.admit, onUnknownError });
    const entry: OpenSocket = {
      session,
      close(closure) {
        session.dispose();
        sender.close(closure);
      },
    };
    open.add(entry);
    onSocketCount(open.size);

    const stopHeartbeat = startHeartbeat(socket, limits.pingIntervalMs);
    socket.on("message", (data, isBinary) => (isBinary ? entry.close(closures.binaryFrame) : session.receive(data.toString())));
    socket.on("ping", session.countFrame);
    socket.on("error", () => {
      session.dispose();
      setTimeout(() => socket.terminate(), closeGraceMs).unref(); // `ws` has sent the close code: cut off now, it might not arrive
    });
    socket.on("close", () => {
      stopHeartbeat();
      session.dispose();
      open.delete(entry);
      place.leave();
      onSocketCount(open.size);
    });
  }

  return {
    attach: (httpServer) => void httpServer.on("upgrade", upgrade),
    endSession(sessionId) {
      for (const entry of open) {
        if (entry.session.principal()?.identity.sessionId === sessionId) entry.close(closures.sessionRevoked);
      }
    },
    async drain(spreadMs) {
      draining = true;
      // Spread, so that thousands of clients do not come to the next instance in one moment.
      await Promise.all(
        [...open].map(async (entry) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * spreadMs));
          entry.close(closures.goingAway);
        }),
      );
    },
  };
}

/** Node has given the connection away: whoever refuses it must take its errors and cut it, or it stays open for ever. */
function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  socket.on("error", () => socket.destroy()); // a client that does not wait for the answer
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Pings at intervals; a socket that has not answered by the next one is dead. */
function startHeartbeat(socket: WebSocket, intervalMs: number): () => void {
  let alive = true;
  socket.on("pong", () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}
