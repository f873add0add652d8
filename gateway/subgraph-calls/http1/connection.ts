import { connect, type Socket } from "node:net";
import { TransportError } from "../transport.ts";
import type { Exchange } from "./exchange.ts";
import type { PlaceableConnection } from "./placement.ts";
import { ReplyParser } from "./reply-parser.ts";
import { requestText } from "./request-text.ts";

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** The request line and `host`, the same for every request. */
  readonly requestStart: string;
  readonly maxResponseBytes: number;
  readonly connectTimeoutMs: number;
  readonly idleMs: number;
}

export interface ConnectionOwner {
  /** The time at which this turn of the event loop began. */
  turnMs(): number;
  /** `mayPipeline`: the server keeps connections, and answers the requests on one of them in their order. */
  onReply(exchange: Exchange, mayPipeline: boolean): void;
  /** It is gone; `isCut` when requests behind the first were on it. */
  onOver(connection: Connection, isCut: boolean): void;
}

const readBytes = 64 * 1024;
const probeAfterMs = 15_000;
/** A server's own limit is measured from when it has sent, so less than that is left. */
const keepAliveMarginMs = 1_000;

/** One socket, the requests on it in their order, and their replies, which come in the same order. */
export class Connection implements PlaceableConnection {
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #parser: ReplyParser;
  /** Given to this connection, not written yet. */
  #unsent: Exchange[] = [];
  /** Written; the first of them is answered first. */
  readonly #sent: Exchange[] = [];
  #isConnecting = true;
  #isBackedUp = false;
  #isAlone = false;
  #isOver = false;
  #isReferenced = true;
  #cause: Error | undefined;
  /** When it was opened, or its last reply came. */
  #restingSinceMs: number;
  #idleMs: number;
  /** When it was given the first of the requests it has not written. */
  #addedAtMs = 0;

  constructor(options: ConnectionOptions, owner: ConnectionOwner, nowMs: number) {
    const { host, port, maxResponseBytes, idleMs } = options;
    this.#options = options;
    this.#owner = owner;
    this.#restingSinceMs = nowMs;
    this.#idleMs = idleMs;
    this.#parser = new ReplyParser({ maxBodyBytes: maxResponseBytes });
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const onread = {
      buffer,
      callback: (length: number) => {
        this.#read(buffer, length);
        return true;
      },
    };
    const socket = connect({ host, port, onread, noDelay: true, keepAlive: true, keepAliveInitialDelay: probeAfterMs });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#isConnecting = false;
      this.flush(performance.now());
    });
    socket.on("drain", () => {
      this.#isBackedUp = false;
    });
    socket.on("error", (error) => {
      this.#cause = error;
    });
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#lost());
  }

  get load(): number {
    return this.#unsent.length + this.#sent.length;
  }

  get oldestMs(): number {
    return this.#sent[0]?.sentAtMs ?? this.#addedAtMs;
  }

  get isJoinable(): boolean {
    return !this.#isAlone && !this.#isBackedUp;
  }

  isStale(nowMs: number): boolean {
    return this.load === 0 && !this.#isConnecting && nowMs - this.#restingSinceMs >= this.#idleMs;
  }

  isFresh(nowMs: number, withinMs: number): boolean {
    return this.load === 0 && !this.#isBackedUp && nowMs - this.#restingSinceMs < withinMs;
  }

  /** To be followed by `flush`. */
  add(exchange: Exchange, nowMs: number): void {
    if (this.load === 0) this.#addedAtMs = nowMs;
    this.#isAlone = !exchange.request.mayPipeline;
    this.#unsent.push(exchange);
    this.setReferenced(true);
  }

  /** Writes what it has been given, in one piece. */
  flush(nowMs: number): void {
    if (this.#unsent.length === 0 || this.#isConnecting || this.#isOver) return;
    const unsent = this.#unsent;
    this.#unsent = [];
    let text = "";
    for (const exchange of unsent) {
      if (!exchange.isWanted) continue;
      const { head, body } = exchange.request;
      text += requestText(this.#options.requestStart, head, body);
      exchange.sentAtMs = nowMs;
      this.#sent.push(exchange);
    }
    if (text === "") this.#rest(nowMs);
    else if (!this.#socket.write(text, "latin1")) this.#isBackedUp = true;
  }

  /** Ends what has waited too long. */
  check(nowMs: number): void {
    const [oldest] = this.#sent;
    if (this.#isConnecting && nowMs - this.#restingSinceMs >= this.#options.connectTimeoutMs) {
      this.#end(new TransportError("connection", `no connection within ${this.#options.connectTimeoutMs} ms`));
    } else if (oldest && nowMs >= oldest.endsAtMs) this.#end(oldest.timedOut());
    for (const exchange of this.#sent) exchange.failAfter(nowMs);
    for (const exchange of this.#unsent) exchange.failAfter(nowMs);
  }

  /** An idle connection must not keep the process alive. */
  setReferenced(isReferenced: boolean): void {
    if (this.#isReferenced === isReferenced) return;
    this.#isReferenced = isReferenced;
    if (isReferenced) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    this.#end(new TransportError("connection", "the connection was closed"));
  }

  #read(buffer: Buffer, length: number): void {
    const turnMs = this.#owner.turnMs();
    this.#parser.feed(buffer, length);
    while (!this.#isOver) {
      const [oldest] = this.#sent;
      if (oldest === undefined) {
        if (this.#parser.hasMore) this.close(); // nobody asked for these bytes, and nobody shall get them
        return;
      }
      if (!this.#hasReply()) return;
      this.#answer(oldest, turnMs);
    }
  }

  #hasReply(): boolean {
    try {
      return this.#parser.next();
    } catch (error) {
      this.#end(error instanceof TransportError ? error : new TransportError("protocol", "the reply could not be read", error));
      return false;
    }
  }

  #answer(exchange: Exchange, turnMs: number): void {
    const { head } = this.#parser;
    const { status, isLast } = head;
    const body = exchange.isWanted ? this.#parser.text() : "";
    if (head.keepAliveMs >= 0) this.#idleMs = Math.min(this.#options.idleMs, head.keepAliveMs - keepAliveMarginMs);
    this.#sent.shift();
    this.#owner.onReply(exchange, head.mayPipeline);
    if (isLast) this.#end(new TransportError("connection", "the subgraph ended the connection"), 0);
    else this.#rest(turnMs);
    exchange.reply(status, body);
  }

  /** A request of it is done with. */
  #rest(nowMs: number): void {
    this.#restingSinceMs = nowMs;
    if (this.#sent.length === 0) this.#isAlone = false;
  }

  #ended(): void {
    const [oldest] = this.#sent;
    if (oldest && this.#parser.endsWithConnection) this.#answer(oldest, this.#owner.turnMs());
    this.#lost();
  }

  #lost(): void {
    const cut = this.#parser.isMidReply && this.#sent.length > 0;
    const message = this.#cause?.message || "the subgraph closed the connection";
    this.#end(
      cut
        ? new TransportError("protocol", "the reply was cut short", this.#cause)
        : new TransportError("connection", message, this.#cause),
    );
  }

  /** The oldest request fails with `error`; those behind it, which begin at `behind`, have had no byte of a reply. */
  #end(error: TransportError, behind = 1): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const left = [...this.#sent.splice(0), ...this.#unsent.splice(0)];
    this.#owner.onOver(this, !this.#isConnecting && left.length > behind);
    this.#socket.destroy();
    left.shift()?.fail(error);
    const lost = error.fault === "connection" ? error : new TransportError("connection", "the connection ended", error);
    for (const exchange of left) exchange.fail(lost);
  }
}
