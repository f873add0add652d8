const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = 10;
const lineEndBytes = 2;

/** `body` is empty where bodies are not kept. */
export type CountedAnswer = { readonly isOk: boolean; readonly bodyBytes: number; readonly body: string };

/**
 * Tells when an HTTP/1.1 answer on a socket is whole, with a length or in chunks, without keeping its body unless told to: the
 * load must never cost more than what it loads. Of a head only what is needed is read.
 */
export function createAnswerCounter(
  onAnswer: (answer: CountedAnswer) => void,
  { keepsBodies = false }: { readonly keepsBodies?: boolean } = {},
): (bytes: Buffer) => void {
  let held: Buffer | undefined; // an unfinished head, or line of a chunk's size
  let state: "head" | "body" | "size" | "chunk" | "trailer" = "head";
  let left = 0; // bytes of the body or chunk still to come
  let bodyBytes = 0;
  let isOk = false;
  let parts: Buffer[] = [];

  const whole = (): void => {
    state = "head";
    const body = keepsBodies ? Buffer.concat(parts).toString() : "";
    parts = [];
    onAnswer({ isOk, bodyBytes, body });
  };
  const keep = (bytes: Buffer, at: number, length: number): void => {
    if (length > 0) parts.push(Buffer.from(bytes.subarray(at, at + length))); // the caller reads into `bytes` again
  };

  return (chunk) => {
    let bytes = chunk;
    if (held) {
      bytes = Buffer.concat([held, chunk]);
      held = undefined;
    }
    for (let at = 0; at < bytes.length; ) {
      if (state === "body" || state === "chunk") {
        const taken = Math.min(left, bytes.length - at);
        if (keepsBodies) keep(bytes, at, state === "chunk" ? Math.min(taken, left - lineEndBytes) : taken);
        left -= taken;
        at += taken;
        if (left > 0) return;
        if (state === "body") whole();
        else state = "size";
      } else if (state === "head") {
        const end = bytes.indexOf(headEnd, at);
        if (end < 0) {
          held = Buffer.from(bytes.subarray(at));
          return;
        }
        const head = bytes.toString("latin1", at, end);
        at = end + headEnd.length;
        isOk = head.startsWith("HTTP/1.1 200");
        const length = /content-length: *(\d+)/i.exec(head)?.[1];
        bodyBytes = left = Number(length ?? 0);
        state = length === undefined && /transfer-encoding: *chunked/i.test(head) ? "size" : "body";
        if (state === "body" && left === 0) whole();
      } else {
        const end = bytes.indexOf(lineEnd, at);
        if (end < 0) {
          held = Buffer.from(bytes.subarray(at));
          return;
        }
        const size = state === "trailer" ? -1 : Number.parseInt(bytes.toString("latin1", at, end), 16);
        at = end + 1;
        if (size === -1) whole();
        else if (size === 0) state = "trailer";
        else {
          bodyBytes += size;
          left = size + lineEndBytes;
          state = "chunk";
        }
      }
    }
  };
}
