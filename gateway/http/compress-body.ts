import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const minBytes = 1_024; // below this the headers outweigh the gain
const gzipLevel = 4;
const brotliQuality = 4; // both near the knee of time against size for JSON

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

export type CompressedBody = { readonly body: Buffer; readonly encoding: "br" | "gzip" };

type Compressor = (body: string | Buffer) => Promise<Buffer>;
const brotli: Compressor = onceForEach((body) =>
  brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
);
const gzipped: Compressor = onceForEach((body) => gzipAsync(body, { level: gzipLevel }));

/** Compresses an answer for a client that takes it, off the event loop; null where it stays as it is. */
export async function compressBody(body: string | Buffer, acceptEncoding: string | undefined): Promise<CompressedBody | null> {
  if (acceptEncoding === undefined || body.length < minBytes) return null;
  if (accepts(acceptEncoding, "br")) return { body: await brotli(body), encoding: "br" };
  if (accepts(acceptEncoding, "gzip")) return { body: await gzipped(body), encoding: "gzip" };
  return null;
}

/** Bytes are given where several clients get the same answer: it is compressed for the first of them. */
function onceForEach(compress: Compressor): Compressor {
  const compressed = new WeakMap<Buffer, Promise<Buffer>>();
  return (body) => {
    if (typeof body === "string") return compress(body);
    const known = compressed.get(body) ?? compress(body);
    compressed.set(body, known);
    return known;
  };
}

const accepts = (header: string, encoding: string): boolean =>
  header.split(",").some((item) => {
    const [name, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
