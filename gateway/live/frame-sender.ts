import type { WebSocket } from "ws";
import type { SocketClosure } from "./socket-protocol.ts";

/** Text frames to one client, with a bound on what may wait for it. */
export type FrameSender = {
  send(frame: string): void;
  /** Waits until little enough is unsent; false when that took too long: the client does not keep up. */
  drained(signal: AbortSignal): Promise<boolean>;
  close(closure: SocketClosure): void;
};

const pollMs = 25; // `ws` has no drain event; only full buffers poll
const closeGraceMs = 2_000; // for the closing handshake of a client that may not be reading

/** A sender over one `ws` socket. */
export function createFrameSender(
  socket: Pick<WebSocket, "send" | "close" | "terminate" | "bufferedAmount" | "readyState" | "OPEN">,
  { maxBufferedBytes, slowConsumerMs }: { readonly maxBufferedBytes: number; readonly slowConsumerMs: number },
): FrameSender {
  return {
    send(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame);
    },
    async drained(signal) {
      const deadline = performance.now() + slowConsumerMs;
      while (socket.bufferedAmount > maxBufferedBytes) {
        if (signal.aborted) return true;
        if (performance.now() > deadline) return false;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
      return true;
    },
    close({ code, reason }) {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), closeGraceMs).unref();
    },
  };
}
