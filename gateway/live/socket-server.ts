import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Principal } from "../auth/principal.ts";
import { createFrameSender } from "./frame-sender.ts";
import type { LiveLimits } from "./live-limits.ts";
import { closures, type SocketClosure, subprotocol } from "./socket-protocol.ts";
import { createSocketSession, type RunOperation, type SocketSession, type SocketSessionOptions } from "./socket-session.ts";

export type SocketServerOptions = {
  readonly path: string;
  /** Browsers on other origins are refused; clients that send no Origin are no browsers. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly limits: LiveLimits;
  readonly authenticate: SocketSessionOptions["authenticate"];
  /** Made once for each socket, from its upgrade request. */
  readonly runFor: (request: IncomingMessage) => RunOperation;
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

/** Accepts graphql-transport-ws sockets on an HTTP server and gives each its session. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  const { path, isAllowedOrigin, limits, authenticate, runFor, onUnknownError, onSocketCount } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false, // a compressed bomb cannot be, and 300 KB of zlib state per socket neither
    handleProtocols: () => subprotocol,
    clientTracking: false,
  });
  const open = new Set<OpenSocket>();
  const socketsOfUser = new Map<string, number>();
  let draining = false;

  function refusal(request: IncomingMessage): [number, string] | null {
    const { origin } = request.headers;
    if (request.url?.split("?", 1)[0] !== path) return [404, "Not Found"];
    if (draining || open.size >= limits.maxSockets) return [503, "Service Unavailable"];
    if (origin !== undefined && !isAllowedOrigin(origin)) return [403, "Forbidden"];
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    return offered.includes(subprotocol) ? null : [400, "Bad Request"];
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refused = refusal(request);
    if (refused) {
      const [status, text] = refused;
      socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, request));
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const sender = createFrameSender(socket, limits);
    let countedUser: string | null = null;
    const admit = (principal: Principal | null): boolean => {
      if (!principal) return true;
      const { userId } = principal.identity;
      const count = socketsOfUser.get(userId) ?? 0;
      if (count >= limits.maxSocketsPerUser) return false;
      socketsOfUser.set(userId, count + 1);
      countedUser = userId;
      return true;
    };
    const session = createSocketSession({ sender, limits, authenticate, run: runFor(request), admit, onUnknownError });
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
    socket.on("error", () => socket.terminate()); // a protocol fault: `ws` has sent the close code, `close` follows
    socket.on("close", () => {
      stopHeartbeat();
      session.dispose();
      open.delete(entry);
      onSocketCount(open.size);
      if (countedUser === null) return;
      const left = (socketsOfUser.get(countedUser) ?? 1) - 1;
      if (left === 0) socketsOfUser.delete(countedUser);
      else socketsOfUser.set(countedUser, left);
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
