import { createHash } from "node:crypto";
import { SupergraphRefused } from "./supergraph-refused.ts";

const timeoutMs = 10_000;
const maxBytes = 64 * 1024 * 1024; // the largest supergraphs known have a few MB

export type FetchedText = { readonly text: string; readonly etag: string | null };

/** Tells one version of a text from another: its ETag, or its hash from servers that give none. */
export const markOfText = ({ text, etag }: FetchedText): string => etag ?? createHash("sha256").update(text).digest("hex");

/** Gets a text over HTTP; undefined when it is still the one of this mark. @throws SupergraphRefused SUPERGRAPH_UNREACHABLE */
export async function fetchText(url: URL, mark?: string): Promise<FetchedText | undefined> {
  const place = `${url.origin}${url.pathname}`; // a query may hold a token: not for logs
  try {
    const response = await fetch(url, {
      headers: mark?.endsWith('"') ? { "if-none-match": mark } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 304) return undefined;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return { text: await readBounded(response), etag: response.headers.get("etag") };
  } catch (cause) {
    const { message, cause: reason } = cause as Error;
    const detail = reason instanceof Error ? reason.message : message;
    throw new SupergraphRefused("SUPERGRAPH_UNREACHABLE", `${place}: cannot be fetched (${detail})`, { cause });
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
