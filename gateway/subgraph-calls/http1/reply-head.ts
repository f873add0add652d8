import { TransportError } from "../transport.ts";

/** What the status line and the header lines of one reply say about it. Each line is checked in full: RFC 9110 and 9112. */
export class ReplyHead {
  status = 0;
  /** -1: not given. */
  contentLength = -1;
  isChunked = false;
  /** How long the server keeps an idle connection, as it says itself; -1: not said. */
  keepAliveMs = -1;
  #isHttp10 = false;
  #saysClose = false;
  #saysKeepAlive = false;

  /** Starts the next reply. The line is `bytes[start..end)`, without its line end. */
  readStatusLine(bytes: Buffer, start: number, end: number): void {
    if (end - start < 12 || !isText(bytes, start, versionPrefix)) throw malformed("a status line");
    const minor = bytes[start + 7]! - zero;
    const isSpaced = bytes[start + 8] === space && (end === start + 12 || bytes[start + 12] === space);
    if ((minor !== 0 && minor !== 1) || !isSpaced) throw malformed("a status line");
    const status = decimal(bytes, start + 9, start + 12);
    if (status < 100 || status > 599) throw malformed("a status");
    this.status = status;
    this.contentLength = -1;
    this.isChunked = false;
    this.keepAliveMs = -1;
    this.#isHttp10 = minor === 0;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
  }

  /** One header line. A name with a space before its colon, and a folded line, are refused here. */
  readField(bytes: Buffer, start: number, end: number): void {
    const colon = fieldNameEnd(bytes, start, end);
    switch (colon - start) {
      case connection.length:
        if (isName(bytes, start, connection)) this.#readConnection(fieldValue(bytes, colon + 1, end));
        else if (isName(bytes, start, keepAlive)) this.#readKeepAlive(fieldValue(bytes, colon + 1, end));
        break;
      case contentLength.length:
        if (isName(bytes, start, contentLength)) this.#readContentLength(fieldValue(bytes, colon + 1, end));
        break;
      case transferEncoding.length:
        if (isName(bytes, start, transferEncoding)) this.#readTransferEncoding(fieldValue(bytes, colon + 1, end));
        break;
    }
  }

  /** After the last header line. Two ways to tell the length are how replies get smuggled: refused, not chosen between. */
  finish(): void {
    if (this.isChunked && this.contentLength >= 0) throw malformed("two lengths, one of them");
    if (this.isChunked && this.#isHttp10) throw malformed("a transfer-encoding");
  }

  /** 204 and 304 end with their header, whatever it says. */
  get hasBody(): boolean {
    return this.status !== 204 && this.status !== 304;
  }

  /** True: the connection serves no other request after this reply. */
  get isLast(): boolean {
    if (this.#saysClose || (this.#isHttp10 && !this.#saysKeepAlive)) return true;
    return this.hasBody && !this.isChunked && this.contentLength < 0; // its body ends with the connection
  }

  /** Whether its server can be expected to take a request while another waits for its reply. */
  get mayPipeline(): boolean {
    return !this.#isHttp10 && !this.isLast;
  }

  #readContentLength(value: string): void {
    if (!/^\d{1,15}$/.test(value)) throw malformed("a content-length");
    const length = Number(value);
    if (this.contentLength >= 0 && this.contentLength !== length) throw malformed("a second content-length");
    this.contentLength = length;
  }

  #readTransferEncoding(value: string): void {
    if (this.isChunked || value.toLowerCase() !== "chunked") throw malformed("a transfer-encoding");
    this.isChunked = true;
  }

  #readConnection(value: string): void {
    const text = value.toLowerCase();
    if (text === "keep-alive") this.#saysKeepAlive = true;
    else {
      const options = text.split(",").map((option) => option.trim());
      this.#saysClose ||= options.includes("close");
      this.#saysKeepAlive ||= options.includes("keep-alive");
    }
  }

  #readKeepAlive(value: string): void {
    const seconds = /(?:^|[\s,;])timeout=(\d{1,6})(?!\d)/i.exec(value)?.[1];
    if (seconds !== undefined) this.keepAliveMs = Number(seconds) * 1_000;
  }
}

/** Where the name of a header or trailer line ends, which is where its colon is. @throws TransportError */
export function fieldNameEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isTokenByte[bytes[at]!] === 1) at += 1;
  if (at === start || at === end || bytes[at] !== colonByte) throw malformed("a header line");
  return at;
}

export const malformed = (what: string): TransportError =>
  new TransportError("protocol", `the reply has ${what} that is not valid`);

const zero = 0x30;
const space = 0x20;
const colonByte = 0x3a;
const versionPrefix = Buffer.from("HTTP/1.");
const connection = Buffer.from("connection");
const keepAlive = Buffer.from("keep-alive");
const contentLength = Buffer.from("content-length");
const transferEncoding = Buffer.from("transfer-encoding");

/** RFC 9110, section 5.6.2. */
const isTokenByte = new Uint8Array(256);
for (const byte of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
  isTokenByte[byte] = 1;

function isText(bytes: Buffer, start: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[start + index] !== text[index]) return false;
  return true;
}

/** Names are token bytes, of which `| 0x20` turns only capital letters into other letters. */
function isName(bytes: Buffer, start: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index += 1) if ((bytes[start + index]! | 0x20) !== name[index]) return false;
  return true;
}

function decimal(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const fieldValue = (bytes: Buffer, start: number, end: number): string =>
  bytes.toString("latin1", start, end).replace(/^[ \t]+|[ \t]+$/g, "");
