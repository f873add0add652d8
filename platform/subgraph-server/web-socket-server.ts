import type { Server } from "node:http";
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, parse } from "graphql";
import { CloseCode, type SubscribePayload } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Logger } from "../telemetry/index.ts";
import type { ErrorFormatter } from "./format-error.ts";
import { maxBodyBytes } from "./http-listener.ts";
import type { RequestHeaders } from "./request-context.ts";
import type { SubscriptionPayload } from "./subscription-document.ts";
import type { SubscriptionStream } from "./subscription-stream.ts";

export type Subscribe = (request: {
  headers: RequestHeaders;
  payload: SubscriptionPayload;
  signal: AbortSignal;
  /** Called when the subscription's signature has been checked. */
  onSigned?: () => void;
}) => SubscriptionStream;

/** The signed headers of one subscription: `extensions.headers` of its payload, since the socket is shared by many callers. */
function signedHeaders({ extensions }: SubscribePayload): RequestHeaders {
  const headers: unknown = extensions?.headers;
  if (typeof headers !== "object" || headers === null) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name.toLowerCase(), value]] : [])),
  );
}

// Gateways open a socket for a subscription that is waiting: whoever takes longer to send a signed one is none.
const defaultUnsignedMs = 10_000;

/**
 * graphql-transport-ws on `/graphql`, for subscriptions. Each carries its own signature, so the socket itself needs none;
 * a refused one gets a result with errors and leaves the others alone. A socket without any signed one is closed.
 */
export function attachWebSocketServer(options: {
  server: Server;
  subscribe: Subscribe;
  formatError: ErrorFormatter;
  logger: Logger;
  unsignedMs?: number;
}): { close(): Promise<void> } {
  const { server, subscribe, formatError, logger, unsignedMs = defaultUnsignedMs } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes, perMessageDeflate: false });
  const streams = new WeakMap<object, SubscriptionStream>();
  const unsigned = new WeakMap<WebSocket, NodeJS.Timeout>();
  const endings = new WeakMap<object, AbortController>(); // one per socket: its end ends what runs on it
  const endingOf = (context: object): AbortController => {
    const ending = endings.get(context) ?? new AbortController();
    endings.set(context, ending);
    return ending;
  };
  // graphql-ws wants a document to see what kind of operation it is; ours is parsed and checked behind `subscribe`.
  const document = parse("subscription { __typename }");
  const graphqlWs = useServer(
    {
      isProd: true, // no error text in close reasons
      connectionInitWaitTimeout: 3_000, // D23
      onSubscribe: (context, _id, payload) => {
        const { query, operationName, variables } = payload;
        const stream = subscribe({
          headers: signedHeaders(payload),
          payload: { query, ...(operationName != null && { operationName }), ...(variables != null && { variables }) },
          signal: endingOf(context).signal,
          onSigned: () => clearTimeout(unsigned.get(context.extra.socket)),
        });
        const args: ExecutionArgs = { schema: undefined as never, document };
        streams.set(args, stream);
        return args;
      },
      subscribe: (args) => streams.get(args) as AsyncIterable<ExecutionResult>, // set above; results are formatted already
      onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
      onError: (_context, _id, _payload, errors) => errors.map(formatError),
      onClose: (context) => endingOf(context).abort(),
    },
    sockets,
    12_000, // D23: a dead peer is gone after 24 s
  );
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", (error) => logger.debug({ err: error }, "socket failed during upgrade"));
    if (request.url?.split("?", 1)[0] !== "/graphql") {
      socket.once("finish", () => socket.destroy()); // Node has given the connection away: nobody else would end it
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const timer = setTimeout(() => webSocket.close(CloseCode.Forbidden, "No signed subscription"), unsignedMs);
      unsigned.set(webSocket, timer);
      webSocket.on("close", () => clearTimeout(timer));
      sockets.emit("connection", webSocket, request);
    });
  });
  return {
    async close() {
      for (const client of sockets.clients) client.close(1012, "Service restart"); // F9: clients come back
      await graphqlWs.dispose();
    },
  };
}
