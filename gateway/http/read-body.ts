import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { badRequest, RequestError } from "../errors.ts";

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
]);

// A client that sent a little too much should read its 413 and not find the connection reset.
const maxDiscardedBytes = 1024 * 1024;

/** Reads a request's body and inflates it, both bounded by `maxBytes`. @throws RequestError 400, 413, 415 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity") return readBytes(request, maxBytes);
  const decode = decoders.get(encoding);
  if (decode) return readDecoded(request, decode, maxBytes);
  request.resume();
  return Promise.reject(
    new RequestError({ status: 415, code: "BAD_REQUEST", message: "This content encoding is not supported." }),
  );
}

async function readDecoded(request: IncomingMessage, decode: Decoder, maxBytes: number): Promise<Buffer> {
  const received = await readBytes(request, maxBytes);
  try {
    return await decode(received, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes); // ERR_BUFFER_TOO_LARGE: inflation stopped at the limit
    throw badRequest("The body is not of the content encoding it claims.");
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      chunks.length = 0;
      reject(tooLarge(maxBytes));
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) refuse();
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else if (size <= maxBytes + maxDiscardedBytes) refuse();
      else request.destroy();
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    const endedEarly = (): void => {
      if (!request.complete) reject(badRequest("The body ended early.")); // an error costs a stack: none for bodies that came whole
    };
    request.on("error", endedEarly);
    request.on("close", endedEarly);
  });
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError({ status: 413, code: "PAYLOAD_TOO_LARGE", message: `The body is too large: at most ${maxBytes} bytes.` });
