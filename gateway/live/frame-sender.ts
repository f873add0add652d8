import type { WebSocket } from "ws";
import type { SocketClosure } from "./socket-protocol.ts";

/** Text frames to one client, with a bound on what may wait for it and for how long. */
export type FrameSender = {
  send(frame: string): void;
  /** Waits until little enough is unsent; false when that took too long, or the socket has ended. */
  drained(): Promise<boolean>;
  close(closure: SocketClosure): void;
};

export type FrameSenderOptions = {
  readonly maxBufferedBytes: number;
  readonly slowConsumerMs: number;
  /** Called when the client has not kept up for `slowConsumerMs`. */
  readonly onSlow: () => void;
};

const pollMs = 25; // `ws` has no drain event; only full buffers poll, once for each socket
const closeGraceMs = 2_000; // for the closing handshake of a client that may not be reading

/** A sender over one `ws` socket. Whatever is sent, a buffer that stays full ends the client, also when nobody waits for it. */
export function createFrameSender(
  socket: Pick<WebSocket, "send" | "close" | "terminate" | "bufferedAmount" | "readyState" | "OPEN">,
  { maxBufferedBytes, slowConsumerMs, onSlow }: FrameSenderOptions,
): FrameSender {
  let draining: Promise<boolean> | undefined;
  const isFull = (): boolean => socket.bufferedAmount > maxBufferedBytes;

  async function drain(): Promise<boolean> {
    const deadlineMs = performance.now() + slowConsumerMs;
    let keepsUp = true;
    while (isFull() && keepsUp) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      if (socket.readyState !== socket.OPEN) keepsUp = false;
      else if (isFull() && performance.now() > deadlineMs) {
        keepsUp = false;
        onSlow();
      }
    }
    draining = undefined;
    return keepsUp;
  }

  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(frame);
      if (isFull()) draining ??= drain();
    },
    async drained() {
      if (!isFull()) return true;
      draining ??= drain();
      return draining;
    },
    close({ code, reason }) {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), closeGraceMs).unref();
    },
  };
}
