import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const minBytes = 1_024; // below this the headers outweigh the gain
const gzipLevel = 4;
const brotliQuality = 4; // both near the knee of time against size for JSON

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

export type CompressedBody = { readonly body: Buffer; readonly encoding: "br" | "gzip" };

/** Compresses an answer for a client that takes it, off the event loop; null where it stays as it is. */
export async function compressBody(body: string, acceptEncoding: string | undefined): Promise<CompressedBody | null> {
  if (acceptEncoding === undefined || body.length < minBytes) return null;
  if (accepts(acceptEncoding, "br")) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality };
    return { body: await brotliAsync(body, { params }), encoding: "br" };
  }
  if (accepts(acceptEncoding, "gzip")) return { body: await gzipAsync(body, { level: gzipLevel }), encoding: "gzip" };
  return null;
}

const accepts = (header: string, encoding: string): boolean =>
  header.split(",").some((item) => {
    const [name, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
