import type { Principal } from "../auth/principal.ts";
import { RequestError } from "../errors.ts";
import { type ClientName, nameClient } from "../pipeline/create-request-context.ts";
import type { FrameSender } from "./frame-sender.ts";
import type { LiveLimits } from "./live-limits.ts";
import {
  ackFrame,
  type ClientMessage,
  closures,
  completeFrame,
  errorFrame,
  nextFrame,
  type OperationPayload,
  pongFrame,
  readClientMessage,
  type SocketClosure,
} from "./socket-protocol.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** Runs one operation: yields the JSON text of each result. @throws RequestError when it is refused */
export type RunOperation = (request: {
  readonly payload: OperationPayload;
  readonly principal: Principal | null;
  /** As `connection_init` names it. */
  readonly client: ClientName;
  readonly signal: AbortSignal;
}) => AsyncIterable<string>;

export type SocketSessionOptions = {
  readonly sender: FrameSender;
  readonly limits: LiveLimits;
  /** The principal of a token; null for none. @throws RequestError where it is bad */
  readonly authenticate: (authorization: string | undefined) => Promise<Principal | null>;
  readonly run: RunOperation;
  /** Called once when the socket has said who it is; false refuses it. */
  readonly admit: (principal: Principal | null) => boolean;
  readonly onUnknownError: (error: unknown) => readonly { message: string; extensions: Record<string, unknown> }[];
  readonly now?: () => number;
};

/** One client's socket, from `connection_init` to its end. */
export type SocketSession = {
  receive(text: string): void;
  /** Counts a frame that carries no message, such as a WebSocket ping, towards the rate. */
  countFrame(): void;
  principal(): Principal | null;
  /** Ends every operation; the socket is gone or about to be. */
  dispose(): void;
};

// Node's timers count milliseconds in 31 bits: a longer delay would fire at once.
const maxTimerMs = 24 * 60 * 60 * 1_000;

/** The server side of graphql-transport-ws for one socket, over any transport that sends text frames. */
export function createSocketSession(options: SocketSessionOptions): SocketSession {
  const { sender, limits, authenticate, run, admit, onUnknownError, now = Date.now } = options;
  const operations = new Map<string, AbortController>();
  const messages = createTokenBucket({ perSecond: limits.messagesPerSecond, burst: limits.messageBurst });
  let state: "new" | "initialising" | "acknowledged" | "closed" = "new";
  let principal: Principal | null = null;
  let client: ClientName = nameClient({});
  let expiryTimer: NodeJS.Timeout | undefined;
  const initTimer = setTimeout(() => close(closures.initTimeout), limits.initTimeoutMs);

  function dispose(): void {
    state = "closed";
    clearTimeout(initTimer);
    clearTimeout(expiryTimer);
    for (const controller of operations.values()) controller.abort();
    operations.clear();
  }

  function close(closure: SocketClosure): void {
    if (state === "closed") return;
    dispose();
    sender.close(closure);
  }

  function armExpiry(): void {
    clearTimeout(expiryTimer);
    if (!principal) return;
    const remainingMs = principal.expiresAtMs - now();
    if (remainingMs <= 0) {
      close(closures.tokenExpired);
      return;
    }
    expiryTimer = setTimeout(armExpiry, Math.min(remainingMs, maxTimerMs));
  }

  async function initialise(payload: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (state !== "new") return close(closures.secondInit);
    state = "initialising";
    const caller = await authenticate(readAuthorization(payload));
    if (isClosed()) return; // while the token was checked
    principal = caller;
    client = nameClient(payload ?? {});
    if (!admit(caller)) return close(closures.tooManySockets);
    clearTimeout(initTimer);
    state = "acknowledged";
    sender.send(ackFrame);
    armExpiry();
  }

  const isClosed = (): boolean => state === "closed";
  const hasExpired = (): boolean => principal !== null && principal.expiresAtMs <= now();

  /**
   * A ping may carry a fresh token, so that a socket outlives its first one. It must be of the same session and scopes:
   * what runs on the socket was opened under them, and ends with them.
   */
  async function ping(payload: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    const authorization = readAuthorization(payload);
    if (authorization !== undefined && state === "acknowledged") {
      const renewed = await authenticate(authorization);
      if (isClosed()) return;
      if (!renewed || !principal || !isSameCaller(renewed, principal)) return close(closures.forbidden);
      principal = renewed;
      armExpiry();
    }
    sender.send(pongFrame);
  }

  async function operate(id: string, payload: OperationPayload): Promise<void> {
    if (state !== "acknowledged") return close(closures.notAcknowledged);
    if (operations.has(id)) return close(closures.duplicateOperation);
    if (operations.size >= limits.maxOperationsPerSocket) {
      sender.send(
        errorFrame(id, [
          {
            message: "Too many operations on this socket.",
            extensions: { code: "RATE_LIMITED", limit: limits.maxOperationsPerSocket },
          },
        ]),
      );
      return;
    }
    const controller = new AbortController();
    operations.set(id, controller);
    const { signal } = controller;
    try {
      for await (const body of run({ payload, principal, client, signal })) {
        // Before, as other operations send too: what waits is never more than the bound and one frame.
        if (!(await sender.drained())) return close(closures.slowConsumer);
        if (signal.aborted) return;
        if (hasExpired()) return close(closures.tokenExpired); // its timer may be late
        sender.send(nextFrame(id, body));
        if (!(await sender.drained())) return close(closures.slowConsumer);
      }
      if (!signal.aborted) sender.send(completeFrame(id));
    } catch (error) {
      if (!signal.aborted)
        sender.send(errorFrame(id, error instanceof RequestError ? error.graphqlErrors : onUnknownError(error)));
    } finally {
      controller.abort();
      if (operations.get(id) === controller) operations.delete(id);
    }
  }

  async function handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "connection_init":
        return initialise(message.payload);
      case "ping":
        return ping(message.payload);
      case "pong":
        return;
      case "complete":
        operations.get(message.id)?.abort();
        operations.delete(message.id);
        return;
      case "subscribe":
        return operate(message.id, message.payload);
    }
  }

  return {
    principal: () => principal,
    dispose,
    countFrame() {
      if (!messages.take(now())) close(closures.rate);
    },
    receive(text) {
      if (state === "closed") return;
      if (!messages.take(now())) return close(closures.rate);
      let message: ClientMessage;
      try {
        message = readClientMessage(text);
      } catch {
        return close(closures.badMessage); // what was wrong stays with us: the text could be anything
      }
      handle(message).catch((error: unknown) => {
        if (!(error instanceof RequestError)) {
          onUnknownError(error);
          close(closures.internal);
        } else close(error.status < 500 ? closures.forbidden : closures.tryAgainLater);
      });
    },
  };
}

const isSameCaller = (one: Principal, other: Principal): boolean =>
  one.identity.userId === other.identity.userId &&
  one.identity.sessionId === other.identity.sessionId &&
  one.scopeKey === other.scopeKey;

/** `{ "authorization": "Bearer …" }` in any letter case of the key, as clients of several libraries send it. */
function readAuthorization(payload: Readonly<Record<string, unknown>> | undefined): string | undefined {
  for (const [key, value] of Object.entries(payload ?? {})) {
    if (key.toLowerCase() === "authorization" && typeof value === "string") return value;
  }
  return undefined;
}
