import { TransportError } from "../transport.ts";

/** What the status line and the header lines of one reply say about it. Each line is checked in full: RFC 9110 and 9112. */
export class ReplyHead {
  status = 0;
  /** -1: not given. */
  contentLength = -1;
  isChunked = false;
  /** How long the server keeps an idle connection, as it said first; -1: not said. */
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
    this.#isHttp10 = minor === 0;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
  }

  /** One header line. A name with a space before its colon, and a folded line, are refused here. */
  readField(bytes: Buffer, start: number, end: number): void {
    const colon = fieldNameEnd(bytes, start, end);
    const length = colon - start;
    if (length === contentLength.length && isName(bytes, start, contentLength)) this.#readContentLength(bytes, colon + 1, end);
    else if (length === connection.length && isName(bytes, start, connection)) this.#readConnection(text(bytes, colon + 1, end));
    else if (length === keepAlive.length && isName(bytes, start, keepAlive) && this.keepAliveMs < 0) {
      this.#readKeepAlive(text(bytes, colon + 1, end));
    } else if (length === transferEncoding.length && isName(bytes, start, transferEncoding)) {
      this.#readTransferEncoding(text(bytes, colon + 1, end));
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

  #readContentLength(bytes: Buffer, start: number, end: number): void {
    const from = skipBlanks(bytes, start, end);
    const to = skipBlanksBack(bytes, from, end);
    const length = to - from > 15 ? -1 : decimal(bytes, from, to); // 15 digits: no number that doubles do not hold
    if (length < 0) throw malformed("a content-length");
    if (this.contentLength >= 0 && this.contentLength !== length) throw malformed("a second content-length");
    this.contentLength = length;
  }

  #readTransferEncoding(value: string): void {
    if (this.isChunked || value.toLowerCase() !== "chunked") throw malformed("a transfer-encoding");
    this.isChunked = true;
  }

  #readConnection(value: string): void {
    for (const option of value.toLowerCase().split(",")) {
      if (option.trim() === "close") this.#saysClose = true;
      else if (option.trim() === "keep-alive") this.#saysKeepAlive = true;
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
const tab = 0x09;
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

/** -1 when it is not digits alone. */
function decimal(bytes: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const isBlank = (byte: number | undefined): boolean => byte === space || byte === tab;

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at])) at += 1;
  return at;
}

function skipBlanksBack(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1])) at -= 1;
  return at;
}

/** A header value: what is around it is no part of it. */
function text(bytes: Buffer, start: number, end: number): string {
  const from = skipBlanks(bytes, start, end);
  return bytes.toString("latin1", from, skipBlanksBack(bytes, from, end));
}
