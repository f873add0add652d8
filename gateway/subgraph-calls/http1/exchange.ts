import { TransportError } from "../transport.ts";

export interface Http1Request {
  /** Lines of `name: value\r\n`, without host and content-length. Anything else than such lines fails with `protocol`. */
  readonly head: string;
  readonly body: string;
  readonly timeoutMs: number;
  /** False: alone on its connection, because nobody may send it again should the connection break. */
  readonly mayPipeline: boolean;
}

export interface Http1Handler {
  onReply(status: number, body: string): void;
  /** `connection` means that not one byte of a reply has come. */
  onFailure(error: TransportError): void;
}

/** One request and whoever waits for its reply: nobody, once it has been given up. */
export class Exchange {
  readonly request: Http1Request;
  endsAtMs = Number.POSITIVE_INFINITY;
  sentAtMs = 0;
  #handler: Http1Handler | undefined;

  constructor(request: Http1Request, handler: Http1Handler) {
    this.request = request;
    this.#handler = handler;
  }

  get isWanted(): boolean {
    return this.#handler !== undefined;
  }

  giveUp(): void {
    this.#handler = undefined;
  }

  reply(status: number, body: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onReply(status, body);
  }

  /** Fails when its time is over. */
  failAfter(nowMs: number): void {
    if (nowMs >= this.endsAtMs && this.isWanted) this.fail(this.timedOut());
  }

  timedOut(): TransportError {
    return new TransportError("timeout", `no reply within ${this.request.timeoutMs} ms`);
  }

  fail(error: TransportError): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onFailure(error);
  }
}
