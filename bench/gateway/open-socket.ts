import { connect, type Socket } from "node:net";

const readBytes = 64 * 1024;

/** What is read is handed on at once, so one is enough for all sockets of a load. */
export const readBuffer = (): Buffer => Buffer.allocUnsafe(readBytes);

/** Connects to a gateway of this machine; `onBytes` is given parts of `buffer`, which the next read writes over. */
export function openSocket(port: number, buffer: Buffer, onBytes: (bytes: Buffer) => void): Socket {
  const callback = (length: number): boolean => {
    onBytes(buffer.subarray(0, length));
    return true;
  };
  return connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer, callback } });
}
