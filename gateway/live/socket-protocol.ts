import type { GraphQLFormattedError } from "graphql";
import { CloseCode, MessageType, parseMessage } from "graphql-ws";

/** The subprotocol of graphql-ws, `graphql-transport-ws` (its PROTOCOL.md is the specification of this room). */
export const subprotocol = "graphql-transport-ws";

/** Why a socket ends. Clients of graphql-ws retry on 1012, 1013 and 4403, and give up on the other 44xx codes. */
export type SocketClosure = { readonly code: number; readonly reason: string };

export const closures = {
  goingAway: { code: 1012, reason: "Service restart" },
  slowConsumer: { code: 1013, reason: "Slow consumer" },
  tryAgainLater: { code: 1013, reason: "Try again later" },
  binaryFrame: { code: 1003, reason: "Text frames only" },
  badMessage: { code: CloseCode.BadRequest, reason: "Invalid message" },
  notAcknowledged: { code: CloseCode.Unauthorized, reason: "Unauthorized" },
  forbidden: { code: CloseCode.Forbidden, reason: "Forbidden" },
  tokenExpired: { code: CloseCode.Forbidden, reason: "Token expired" },
  sessionRevoked: { code: CloseCode.Forbidden, reason: "Session revoked" },
  tooManySockets: { code: CloseCode.Forbidden, reason: "Too many sockets" },
  rate: { code: CloseCode.Forbidden, reason: "Message rate" },
  initTimeout: { code: CloseCode.ConnectionInitialisationTimeout, reason: "Connection initialisation timeout" },
  duplicateOperation: { code: CloseCode.SubscriberAlreadyExists, reason: "Subscriber already exists" },
  secondInit: { code: CloseCode.TooManyInitialisationRequests, reason: "Too many initialisation requests" },
  internal: { code: CloseCode.InternalServerError, reason: "Internal server error" },
} as const satisfies Record<string, SocketClosure>;

export type OperationPayload = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
};

export type ClientMessage =
  | { readonly type: "connection_init" | "ping" | "pong"; readonly payload?: Readonly<Record<string, unknown>> | undefined }
  | { readonly type: "subscribe"; readonly id: string; readonly payload: OperationPayload }
  | { readonly type: "complete"; readonly id: string };

const maxIdLength = 128; // clients send UUIDs

/** Reads one text frame of a client. @throws Error for anything a client may not send */
export function readClientMessage(text: string): ClientMessage {
  const message = parseMessage(text);
  switch (message.type) {
    case MessageType.ConnectionInit:
    case MessageType.Ping:
    case MessageType.Pong:
      return { type: message.type, payload: message.payload };
    case MessageType.Subscribe:
      if (message.id.length > maxIdLength) throw new Error("operation id too long");
      return { type: "subscribe", id: message.id, payload: message.payload };
    case MessageType.Complete:
      return { type: "complete", id: message.id };
    default:
      throw new Error(`clients do not send ${message.type}`);
  }
}

// The body of a result is already JSON text: it is framed, never parsed and written again.
export const nextFrame = (id: string, body: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":${body}}`;
export const errorFrame = (id: string, errors: readonly GraphQLFormattedError[]): string =>
  JSON.stringify({ id, type: MessageType.Error, payload: errors });
export const completeFrame = (id: string): string => JSON.stringify({ id, type: MessageType.Complete });
export const ackFrame = JSON.stringify({ type: MessageType.ConnectionAck });
export const pongFrame = JSON.stringify({ type: MessageType.Pong });
