import type { ServerResponse } from "node:http";

/**
 * Sends an answer in parts, each as soon as it is there and the client has room for it. Whoever makes the parts is told
 * when the client has gone: no further one is asked for.
 */
export async function sendParts(outgoing: ServerResponse, first: string | Buffer, parts: AsyncIterable<string>): Promise<void> {
  try {
    let isTaken = await send(outgoing, first);
    if (isTaken) {
      for await (const part of parts) {
        isTaken = await send(outgoing, part);
        if (!isTaken) break;
      }
    }
    if (isTaken) outgoing.end();
  } catch (error) {
    outgoing.destroy(); // what was sent is not a whole answer, and must not be taken for one
    throw error;
  }
}

/** Resolves when there is room for more; false where the client has gone. */
function send(outgoing: ServerResponse, piece: string | Buffer): Promise<boolean> {
  if (outgoing.destroyed) return Promise.resolve(false);
  if (outgoing.write(piece)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      resolve(!outgoing.destroyed);
    };
    outgoing.once("drain", settle);
    outgoing.once("close", settle);
  });
}
