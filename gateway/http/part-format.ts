import { parseAccept, weightOf } from "./media-ranges.ts";
import { wholeTypes } from "./media-types.ts";

/** How answers in several parts are written, for clients that take them. */
export interface PartFormat {
  readonly contentType: string;
  /** True where a browser could not read an answer of another status than 200. */
  readonly needsOk: boolean;
  /** The first part, of JSON text. */
  first(json: string, hasNext: boolean): string;
  next(json: string, hasNext: boolean): string;
  /** An answer that is not in parts: the JSON text of an object with `data` or `errors`. */
  whole(json: string): string;
}

const partHead = "content-type: application/json; charset=utf-8\r\n\r\n";
const delimiter = (hasNext: boolean): string => `\r\n---${hasNext ? "" : "--"}\r\n`;

/**
 * Incremental delivery over HTTP as of 2022-08-24, what Apollo Client, urql and Relay's networks read. Each part brings the
 * delimiter behind it along: readers wait for that.
 */
const multipart = (contentType: string): PartFormat => ({
  contentType,
  needsOk: false,
  first: (json, hasNext) => `${delimiter(true)}${partHead}${json}${delimiter(hasNext)}`,
  next: (json, hasNext) => `${partHead}${json}${delimiter(hasNext)}`,
  whole: (json) => `${delimiter(true)}${partHead}${json.slice(0, -1)},"hasNext":false}${delimiter(false)}`,
});

const event = (json: string, hasNext: boolean): string =>
  `event: next\ndata: ${json.replace(/\r\n|\r|\n/g, "\ndata: ")}\n\n${hasNext ? "" : "event: complete\ndata:\n\n"}`; // a custom scalar may bring line ends

/** Server-Sent Events, the "distinct connections mode" of graphql-sse. */
const events: PartFormat = {
  contentType: "text/event-stream; charset=utf-8",
  needsOk: true,
  first: event,
  next: event,
  whole: (json) => event(json, false),
};

const versioned = multipart('multipart/mixed; boundary="-"; deferSpec=20220824');
const unversioned = multipart('multipart/mixed; boundary="-"');

/**
 * The format of parts that a client takes and likes no less than an answer in one piece. It has to name it: `*` in a range
 * means no format, and those of other versions (`incrementalSpec`, `subscriptionSpec`) mean others.
 */
export function negotiatePartFormat(accept: string | undefined): PartFormat | null {
  if (accept === undefined || !/multipart\/mixed|text\/event-stream/i.test(accept)) return null; // nearly all requests
  const ranges = parseAccept(accept);
  const whole = Math.max(...wholeTypes.map((mediaType) => weightOf(mediaType, ranges)));
  let best: { readonly format: PartFormat; readonly weight: number } | undefined;
  for (const { range, parameters, weight } of ranges) {
    const format = range === "multipart/mixed" ? multipartOf(parameters) : range === "text/event-stream" ? events : undefined;
    if (format && weight > 0 && weight >= whole && weight > (best?.weight ?? 0)) best = { format, weight };
  }
  return best?.format ?? null;
}

function multipartOf(parameters: ReadonlyMap<string, string>): PartFormat | undefined {
  const version = [...parameters].find(([name]) => name.endsWith("spec"));
  if (!version) return unversioned;
  return version.join("=") === "deferspec=20220824" ? versioned : undefined;
}
