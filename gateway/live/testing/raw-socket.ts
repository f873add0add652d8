// A client below the level of any WebSocket library: it can break every rule.
import { connect, type Socket } from "node:net";

type UpgradeOptions = { readonly path?: string; readonly headers?: Readonly<Record<string, string | undefined>> };

const upgradeHeaders = {
  host: "x",
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "graphql-transport-ws",
};

/** The text of an upgrade request; a header that is undefined is left out. */
export function upgradeRequest({ path = "/graphql", headers = {} }: UpgradeOptions = {}): string {
  const lines = Object.entries({ ...upgradeHeaders, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

export type RawSocket = {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): Buffer;
  /** Resolves with everything received when the server has closed. */
  readonly closed: Promise<Buffer>;
};

/** Connects and writes; closing is up to the server, also where it has ended its side. */
export function openRaw(port: number, bytes: string | Buffer): RawSocket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<Buffer>((resolve) => {
    const done = (): void => resolve(Buffer.concat(chunks));
    socket.on("error", done); // reset by the server
    socket.on("end", done);
  });
  socket.write(bytes);
  return { socket, received: () => Buffer.concat(chunks), closed };
}

/** The status of an HTTP answer. */
export const statusOf = (answer: Buffer): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString("latin1"))?.[1]);

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A masked frame of at most 125 bytes. A mask of zeros leaves the payload readable. */
export function rawFrame(opcode: number, payload: string | Buffer, { final = true }: { final?: boolean } = {}): Buffer {
  const body = Buffer.from(payload);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

/** The code of the close frame in what a server sent after its handshake; undefined where there is none. */
export function closeCodeOf(received: Buffer): number | undefined {
  let at = received.indexOf("\r\n\r\n") + 4;
  while (at + 2 <= received.length) {
    const opcode = received[at]! & 0x0f;
    let length = received[at + 1]! & 0x7f;
    let head = 2;
    if (length === 126) {
      length = received.readUInt16BE(at + 2);
      head = 4;
    } else if (length === 127) {
      length = Number(received.readBigUInt64BE(at + 2));
      head = 10;
    }
    if (opcode === opcodes.close) return received.readUInt16BE(at + head);
    at += head + length;
  }
  return undefined;
}
