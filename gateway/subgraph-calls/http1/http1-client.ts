import { TransportError } from "../transport.ts";
import { Connection, type ConnectionOptions, type ConnectionOwner } from "./connection.ts";
import { Exchange, type Http1Handler, type Http1Request } from "./exchange.ts";
import { createPlacement } from "./placement.ts";
import { isHead } from "./request-text.ts";

/** POSTs to one address over few connections, several requests on each. */
export interface Http1Client {
  /**
   * Sends one POST; the handler is called once, never before this returns. Gives a function to give up with: the handler is
   * then not called, and the reply, if one comes, is dropped.
   */
  send(request: Http1Request, handler: Http1Handler): () => void;
  /** Waits for nothing: what is under way fails with `connection`. */
  close(): Promise<void>;
  readonly sockets: number;
}

export interface Http1ClientOptions {
  /** `http://host:port` */
  readonly origin: string;
  /** With its query, as `URL` writes it. */
  readonly path: string;
  readonly maxSockets?: number | undefined;
  /** Requests on one connection at a time. */
  readonly maxPipelined?: number | undefined;
  /** Requests that wait for a connection. */
  readonly maxWaiting?: number | undefined;
  readonly maxResponseBytes?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly idleMs?: number | undefined;
}

const tickMs = 10; // how exact time limits are
const restMs = 1_000; // how often idle connections are looked at

/**
 * An HTTP/1.1 client for many short POSTs to one server. All that is asked in one turn of the event loop is written at its
 * end, one write for each connection; `placement.ts` says which connection takes what.
 */
export function createHttp1Client(options: Http1ClientOptions): Http1Client {
  const { maxSockets = 64, maxPipelined = 8, maxWaiting = 1_024 } = options;
  const connectionOptions = toConnectionOptions(options);
  const connections: Connection[] = [];
  const placement = createPlacement({ connections, open, maxSockets, maxPipelined });
  let waiting: Exchange[] = [];
  let turnMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isTicking = false;
  let isClosed = false;

  const owner: ConnectionOwner = {
    turnMs: beginTurn,
    onReply: (exchange, mayPipeline) => placement.learn(exchange.sentAtMs, mayPipeline),
    onOver: (connection, isCut) => {
      connections.splice(connections.indexOf(connection), 1);
      if (isCut) placement.pausePipelining();
    },
  };

  function open(): Connection {
    const connection = new Connection(connectionOptions, owner, performance.now());
    connections.push(connection);
    return connection;
  }

  /** The clock is read when the first thing happens in a turn; what was there to be read by then has been read at its end. */
  function beginTurn(): number {
    if (turnMs === 0) {
      turnMs = performance.now();
      setImmediate(endTurn);
    }
    return turnMs;
  }

  function endTurn(): void {
    const nowMs = performance.now();
    placement.beginRound(turnMs, nowMs);
    turnMs = 0;
    if (waiting.length === 0) return;
    const left: Exchange[] = [];
    for (const exchange of waiting) {
      if (!exchange.isWanted) continue;
      const connection = placement.choose(exchange.request.mayPipeline);
      if (connection) connection.add(exchange, nowMs);
      else left.push(exchange);
    }
    waiting = left;
    for (const connection of connections) connection.flush(nowMs);
  }

  function tick(): void {
    beginTurn();
    const nowMs = performance.now();
    for (const exchange of waiting) exchange.failAfter(nowMs);
    for (const connection of [...connections]) connection.check(nowMs);
    isTicking = waiting.length > 0 || connections.some((connection) => connection.load > 0);
    if (!isTicking) for (const connection of connections) connection.setReferenced(false);
    if (connections.length > 0 || isTicking) timer = setTimeout(tick, isTicking ? tickMs : restMs).unref();
  }

  function startTicking(): void {
    if (isTicking) return;
    isTicking = true;
    clearTimeout(timer);
    timer = setTimeout(tick, tickMs).unref();
  }

  function refusalOf({ head }: Http1Request): TransportError | undefined {
    if (isClosed) return new TransportError("connection", "the client is closed");
    if (waiting.length >= maxWaiting) return new TransportError("overflow", `more than ${maxWaiting} requests wait to be sent`);
    return isHead(head) ? undefined : new TransportError("protocol", "the request has a header that cannot be sent");
  }

  return {
    send(request, handler) {
      const exchange = new Exchange(request, handler);
      const refusal = refusalOf(request);
      if (refusal) queueMicrotask(() => exchange.fail(refusal));
      else {
        exchange.endsAtMs = beginTurn() + request.timeoutMs;
        waiting.push(exchange);
        startTicking();
      }
      return () => exchange.giveUp();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const connection of [...connections]) connection.close();
      for (const exchange of waiting.splice(0)) exchange.fail(new TransportError("connection", "the client was closed"));
    },
    get sockets() {
      return connections.length;
    },
  };
}

/** @throws TypeError for an origin that is no `http:` address */
function toConnectionOptions(options: Http1ClientOptions): ConnectionOptions {
  const { origin, path, maxResponseBytes = 8 * 1024 * 1024, connectTimeoutMs = 1_000, idleMs = 4_000 } = options;
  const { protocol, hostname, host, port } = new URL(origin);
  if (protocol !== "http:") throw new TypeError(`no http: address: ${origin}`);
  return {
    host: hostname.replace(/^\[|\]$/g, ""), // of an IPv6 address
    port: Number(port || 80),
    requestStart: `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n`,
    maxResponseBytes,
    connectTimeoutMs,
    idleMs,
  };
}
