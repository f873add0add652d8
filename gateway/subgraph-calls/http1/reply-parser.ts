import { TransportError } from "../transport.ts";
import { BodyBytes } from "./body-bytes.ts";
import { fieldNameEnd, malformed, ReplyHead } from "./reply-head.ts";

const maxHeadBytes = 32 * 1024;
const maxChunkLineBytes = 4 * 1024;
const cr = 13;
const lf = 10;
const tab = 9;
const space = 32;
const del = 127;
const none = Buffer.alloc(0);

type Phase = "status" | "fields" | "sized" | "until-close" | "chunk-size" | "chunk" | "chunk-end" | "trailers";

/**
 * Reads HTTP/1.1 replies off one connection, cut anywhere: `feed` it each read, then call `next` until it is false. It takes
 * only what the RFC lets servers send: after anything else nobody knows where the next reply starts, so it throws.
 * Per reply of the usual kind it makes one string, of the body (bench/gateway/subgraph-client.ts).
 */
export class ReplyParser {
  readonly head = new ReplyHead();
  readonly #body = new BodyBytes();
  readonly #maxBodyBytes: number;
  #phase: Phase = "status";
  /** The unread part is `#bytes[#at..#end)`; of it `#scanned` bytes are known to hold no line end. */
  #bytes: Buffer = none;
  #at = 0;
  #end = 0;
  #scanned = 0;
  /** Of a line that the last read cut. */
  #cut = none;
  #lineBytesLeft = maxHeadBytes;
  #bodyBytesLeft = 0;
  #isInterim = false;

  constructor({ maxBodyBytes }: { maxBodyBytes: number }) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Some bytes of a reply have come, not all of it. */
  get isMidReply(): boolean {
    return this.#phase !== "status" || this.#isInterim || this.#cut.length > 0 || this.hasMore;
  }

  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  /** The body of the reply that `next` found; to be asked before `next` is called again. */
  text(): string {
    return this.#body.text();
  }

  /** `read[0..length)` may be overwritten once `next` has returned false. */
  feed(read: Buffer, length: number): void {
    this.#at = 0;
    if (this.#cut.length === 0) {
      this.#bytes = read;
      this.#end = length;
    } else {
      this.#bytes = Buffer.concat([this.#cut, read.subarray(0, length)]);
      this.#end = this.#bytes.length;
      this.#cut = none;
    }
  }

  /** Goes on to the end of the next reply; false when the bytes fed end before it. @throws TransportError */
  next(): boolean {
    if (this.#phase === "status") this.#body.clear();
    for (;;) {
      if (this.#phase === "sized" || this.#phase === "chunk" || this.#phase === "until-close") {
        if (!this.#takeBody()) return this.#wait();
        if (this.#phase === "sized") return this.#finish();
        this.#startLines("chunk-end", 2);
        continue;
      }
      const lineEnd = this.#lineEnd();
      if (lineEnd < 0) return this.#wait();
      const start = this.#at;
      this.#at = lineEnd + 2;
      if (this.#takeLine(start, lineEnd)) return this.#finish();
    }
  }

  /** The reply under way has no other end than the connection's. */
  get endsWithConnection(): boolean {
    return this.#phase === "until-close";
  }

  /** True when the line ends the reply. */
  #takeLine(start: number, end: number): boolean {
    switch (this.#phase) {
      case "status":
        this.head.readStatusLine(this.#bytes, start, end);
        this.#phase = "fields";
        return false;
      case "fields":
        if (start === end) return this.#startBody();
        this.head.readField(this.#bytes, start, end);
        return false;
      case "chunk-size":
        this.#bodyBytesLeft = this.#readChunkSize(start, end);
        if (this.#bodyBytesLeft === 0) this.#startLines("trailers", maxHeadBytes);
        else this.#phase = "chunk";
        return false;
      case "chunk-end": // empty, as there may be no more of it than its end
        this.#startLines("chunk-size", maxChunkLineBytes);
        return false;
      default: // trailers: checked, and not used
        if (start === end) return true;
        fieldNameEnd(this.#bytes, start, end);
        return false;
    }
  }

  /** After the header. True when the reply has no body. */
  #startBody(): boolean {
    const { head } = this;
    head.finish();
    if (head.status < 200) {
      if (head.status === 101) throw malformed("a change of protocol");
      this.#isInterim = true; // a final reply follows
      this.#startLines("status", maxHeadBytes);
      return false;
    }
    if (!head.hasBody || head.contentLength === 0) return true;
    if (head.isChunked) {
      this.#startLines("chunk-size", maxChunkLineBytes);
      return false;
    }
    if (head.contentLength > this.#maxBodyBytes) throw this.#tooLarge();
    this.#phase = head.contentLength < 0 ? "until-close" : "sized";
    this.#bodyBytesLeft = head.contentLength;
    return false;
  }

  /** Takes what there is of a body or chunk; true when that is all of it. */
  #takeBody(): boolean {
    const here = this.#end - this.#at;
    const isEndless = this.#phase === "until-close";
    const taken = isEndless ? here : Math.min(here, this.#bodyBytesLeft);
    if (isEndless && this.#body.length + taken > this.#maxBodyBytes) throw this.#tooLarge();
    this.#body.add(this.#bytes, this.#at, this.#at + taken);
    this.#at += taken;
    if (isEndless) return false;
    this.#bodyBytesLeft -= taken;
    return this.#bodyBytesLeft === 0;
  }

  #readChunkSize(start: number, end: number): number {
    const [, digits = ""] = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i.exec(this.#bytes.toString("latin1", start, end)) ?? [];
    if (digits === "") throw malformed("a chunk size");
    const size = Number.parseInt(digits, 16);
    if (this.#body.length + size > this.#maxBodyBytes) throw this.#tooLarge();
    return size;
  }

  /** Where the line at `#at` ends, which is where its CR is; -1 when that has not come yet. */
  #lineEnd(): number {
    const bytes = this.#bytes;
    const end = Math.min(this.#end, this.#at + this.#lineBytesLeft);
    for (let at = this.#at + this.#scanned; at < end; at += 1) {
      const byte = bytes[at]!;
      if ((byte >= space && byte !== del) || byte === tab) continue;
      if (byte !== cr) throw malformed("a control character");
      if (at + 1 === this.#end) {
        this.#scanned = at - this.#at;
        return -1;
      }
      if (bytes[at + 1] !== lf) throw malformed("a line end");
      this.#scanned = 0;
      this.#lineBytesLeft -= at + 2 - this.#at;
      if (this.#lineBytesLeft < 0) throw malformed("a header or line of a length");
      return at;
    }
    if (end - this.#at >= this.#lineBytesLeft) throw malformed("a header or line of a length");
    this.#scanned = end - this.#at;
    return -1;
  }

  #startLines(phase: Phase, maxBytes: number): void {
    this.#phase = phase;
    this.#lineBytesLeft = maxBytes;
  }

  #finish(): true {
    this.#isInterim = false;
    this.#startLines("status", maxHeadBytes);
    return true;
  }

  /** Keeps what the next read would overwrite. */
  #wait(): false {
    if (this.#at < this.#end) this.#cut = Buffer.from(this.#bytes.subarray(this.#at, this.#end));
    this.#at = this.#end;
    this.#body.hold(this.#phase === "sized" ? this.head.contentLength : 0);
    this.#bytes = none;
    this.#end = 0;
    this.#at = 0;
    return false;
  }

  #tooLarge(): TransportError {
    return new TransportError("overflow", `a reply of more than ${this.#maxBodyBytes} bytes`);
  }
}
