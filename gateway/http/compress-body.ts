import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const minBytes = 1_024; // below this the headers outweigh the gain
const gzipLevel = 4;
const brotliQuality = 4; // both near the knee of time against size for JSON

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

export type ContentEncoding = "br" | "gzip";
export type CompressedBody = { readonly body: Buffer; readonly encoding: ContentEncoding };

type Compressor = (body: string | Buffer) => Promise<Buffer>;
const brotli: Compressor = onceForEach((body) =>
  brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
);
const gzipped: Compressor = onceForEach((body) => gzipAsync(body, { level: gzipLevel }));

/** The encoding for an answer, of those the client takes; null where it stays as it is. */
export function chooseEncoding(body: string | Buffer, acceptEncoding: string | undefined): ContentEncoding | null {
  if (acceptEncoding === undefined || body.length < minBytes) return null;
  if (accepts(acceptEncoding, "br")) return "br";
  return accepts(acceptEncoding, "gzip") ? "gzip" : null;
}

/** Compresses an answer, off the event loop. */
export const compressBody = (body: string | Buffer, encoding: ContentEncoding): Promise<Buffer> =>
  encoding === "br" ? brotli(body) : gzipped(body);

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
