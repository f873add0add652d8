import { hash } from "node:crypto";

const blockBytes = 64; // of SHA-256
const hashBytes = 32;

/**
 * HMAC-SHA256 (RFC 2104) of texts under one key, in hex. Made of one-shot hashes: an Hmac object for each subgraph call
 * cost 5 % of a request (bench/gateway). Not to be shared between threads.
 */
export function createHmacSha256(secret: string): (text: string) => string {
  const bytes = Buffer.from(secret);
  const key = bytes.length > blockBytes ? hash("sha256", bytes, "buffer") : bytes;
  let inner = padded(key, 0x36, 8 * 1024);
  const outer = padded(key, 0x5c, hashBytes);
  return (text) => {
    const maxBytes = 3 * text.length; // of UTF-8
    if (inner.length < blockBytes + maxBytes) inner = padded(key, 0x36, maxBytes);
    const length = inner.write(text, blockBytes, "utf8");
    outer.write(hash("sha256", inner.subarray(0, blockBytes + length), "latin1"), blockBytes, "latin1");
    return hash("sha256", outer, "hex");
  };
}

/** The key combined with a byte, filling one block, and room behind it. */
function padded(key: Buffer, byte: number, room: number): Buffer {
  const block = Buffer.alloc(blockBytes + room);
  for (let index = 0; index < blockBytes; index++) block[index] = (key[index] ?? 0) ^ byte;
  return block;
}
